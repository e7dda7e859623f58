//! `RedisStore` against real servers: those of `cargo xtask test`, or of the environment.

mod support;

mod conformance;
mod faults;
mod histories;

mod commands;
mod expiry;
mod layout;
mod secrets;
