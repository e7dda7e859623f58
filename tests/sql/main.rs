//! `SqlStore` against real databases: those of `cargo xtask test`, or of the environment, and files of SQLite.

mod support;

mod conformance;

mod spawned;
