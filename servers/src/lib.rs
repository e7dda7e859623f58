//! Private servers for tests and benchmarks: each on a free port of this machine, in a directory of its own, and gone with the value, or
//! with the process, that started it.
//!
//! What a test may share, it takes from the environment ([`given`]), where `cargo xtask test` puts it; a server that it kills, it starts
//! itself.

pub mod given;

mod provided;

mod cluster;
mod sentinels;

mod mariadb;
mod postgres;
mod redis;

mod client;
mod directory;
mod port;
mod process;
mod programs;
mod server;
mod template;
mod tls;
mod user;
mod wait;

pub use client::{Answer, Connection, Monitor};
pub use cluster::Cluster;
pub use directory::Directory;
pub use mariadb::MariaDb;
pub use postgres::Postgres;
pub use provided::Provided;
pub use redis::Redis;
pub use sentinels::Sentinels;
