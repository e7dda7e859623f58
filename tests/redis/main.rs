//! `RedisStore` against real servers: those of `cargo xtask test`, or of the environment.

mod support;

mod conformance;
mod faults;
mod histories;

mod cluster;
mod commands;
mod expiry;
mod layout;
mod near_cache;
mod owners;
mod repeated;
mod rights;
mod schedules;
mod secrets;
