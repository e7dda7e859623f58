//! `SqlStore` against real databases: those of `cargo xtask test`, or of the environment, and files of SQLite; and servers of a test's own,
//! where it counts what they are asked, or kills them.

mod support;

mod conformance;
mod faults;

mod files;
mod layout;
mod plans;
mod reaper;
mod records;
mod schema;
mod secrets;
mod settings;
mod spawned;
mod statements;
