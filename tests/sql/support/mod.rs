//! What the tests of `SqlStore` share: ways to reach databases, databases of a test's own, and applications over those.

mod asked;
mod database;
mod own;
mod server;
mod visited;
pub(crate) mod ways;

pub(crate) use database::{Database, over_every_database};
pub(crate) use own::Own;
pub(crate) use server::{Server, fill, idle, pooled};
pub(crate) use session_tests::new_file;
pub(crate) use visited::Visited;
