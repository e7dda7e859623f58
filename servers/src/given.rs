//! The servers that `cargo xtask test` starts, or whoever runs the tests names.

use std::env;

/// Where one Redis server is.
pub const REDIS_URL: &str = "REDIS_URL";
/// Where one Redis server with TLS is.
pub const REDIS_TLS_URL: &str = "REDIS_TLS_URL";
/// Where the nodes of a cluster are, with commas between them.
pub const REDIS_CLUSTER_URLS: &str = "REDIS_CLUSTER_URLS";
/// Where sentinels are, with commas between them.
pub const REDIS_SENTINEL_URLS: &str = "REDIS_SENTINEL_URLS";
/// How the sentinels call the master.
pub const REDIS_SENTINEL_MASTER: &str = "REDIS_SENTINEL_MASTER";
/// Where a PostgreSQL server is, and a database of it.
pub const POSTGRES_URL: &str = "POSTGRES_URL";
/// Where a MySQL or MariaDB server is, and a database of it.
pub const MYSQL_URL: &str = "MYSQL_URL";

/// The URL of a Redis server.
///
/// # Panics
///
/// If there is none, as all of these.
pub fn redis() -> String {
    variable(REDIS_URL)
}

/// The URL of a Redis server with TLS, whose certificate this process trusts (`SSL_CERT_FILE`).
///
/// # Panics
///
/// If there is none.
pub fn redis_tls() -> String {
    variable(REDIS_TLS_URL)
}

/// The URLs of nodes of a cluster.
///
/// # Panics
///
/// If there is none.
pub fn redis_cluster() -> Vec<String> {
    list(REDIS_CLUSTER_URLS)
}

/// The URLs of sentinels, and the name of the master that they watch.
///
/// # Panics
///
/// If there are none.
pub fn redis_sentinels() -> (Vec<String>, String) {
    (list(REDIS_SENTINEL_URLS), variable(REDIS_SENTINEL_MASTER))
}

/// The URL of a database of a PostgreSQL server.
///
/// # Panics
///
/// If there is none.
pub fn postgres() -> String {
    variable(POSTGRES_URL)
}

/// The URL of a database of a MySQL or MariaDB server.
///
/// # Panics
///
/// If there is none.
pub fn mysql() -> String {
    variable(MYSQL_URL)
}

fn list(name: &str) -> Vec<String> {
    variable(name).split(',').map(str::to_owned).collect()
}

fn variable(name: &str) -> String {
    env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`, which starts a server, or set it"))
}
