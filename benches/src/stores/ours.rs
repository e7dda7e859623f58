//! This project's stores.

use std::future::Future;

use session_runtime::{MySqlStore, PostgresStore, RedisStore, SqlStore, SqliteStore, StoreError, store::SqlDatabase};

use crate::{Result, Site};

/// In Redis.
///
/// # Errors
///
/// As all here: if it cannot be reached.
pub fn redis(site: Site<'_>) -> Result<RedisStore> {
    Ok(site.runtime.block_on(RedisStore::connect(site.url()?))?)
}

/// In a cluster of Redis.
///
/// # Errors
///
/// As those of [`redis`].
pub fn redis_cluster(site: Site<'_>) -> Result<RedisStore> {
    Ok(site.runtime.block_on(RedisStore::connect_cluster(site.url()?.split(',')))?)
}

/// In a file.
///
/// # Errors
///
/// As those of [`redis`].
pub fn sqlite(site: Site<'_>) -> Result<SqliteStore> {
    migrated(site, SqliteStore::connect(site.url()?))
}

/// In PostgreSQL.
///
/// # Errors
///
/// As those of [`redis`].
pub fn postgres(site: Site<'_>) -> Result<PostgresStore> {
    migrated(site, PostgresStore::connect(site.url()?))
}

/// In MariaDB.
///
/// # Errors
///
/// As those of [`redis`].
pub fn mariadb(site: Site<'_>) -> Result<MySqlStore> {
    migrated(site, MySqlStore::connect(site.url()?))
}

fn migrated<DB: SqlDatabase>(
    site: Site<'_>,
    connecting: impl Future<Output = std::result::Result<SqlStore<DB>, StoreError>>,
) -> Result<SqlStore<DB>> {
    site.runtime.block_on(async {
        let store = connecting.await?;
        store.migrate().await?;
        Ok(store)
    })
}
