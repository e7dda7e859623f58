//! What tests of stores rely on.

mod provided;
mod redis;
mod sql;

mod support;
