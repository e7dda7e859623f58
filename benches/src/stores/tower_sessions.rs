//! The stores for tower-sessions.

use std::time::Duration;

use tower_sessions_redis_store::{
    RedisStore,
    fred::prelude::{ClientLike, Config, Pool},
};
use tower_sessions_sqlx_store::{
    MySqlStore, PostgresStore, SqliteStore,
    sqlx::{
        MySqlPool, PgPool, SqlitePool,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use crate::{Result, Site};

/// In Redis. As its documentation has it: six connections.
///
/// # Errors
///
/// As all here: if it cannot be reached.
pub fn redis(site: Site<'_>) -> Result<RedisStore<Pool>> {
    let pool = Pool::new(Config::from_url(site.url()?)?, None, None, None, 6)?;
    site.runtime.block_on(pool.init())?;
    Ok(RedisStore::new(pool))
}

/// In a file, which is set as our store sets it: a write-ahead log that is synchronized at checkpoints, and patience with a lock.
///
/// # Errors
///
/// As those of [`redis`].
pub fn sqlite(site: Site<'_>) -> Result<SqliteStore> {
    let options: SqliteConnectOptions = site.url()?.parse()?;
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(5));
    site.runtime.block_on(async {
        let store = SqliteStore::new(SqlitePool::connect_with(options).await?);
        store.migrate().await?;
        Ok(store)
    })
}

/// In PostgreSQL.
///
/// # Errors
///
/// As those of [`redis`].
pub fn postgres(site: Site<'_>) -> Result<PostgresStore> {
    site.runtime.block_on(async {
        let store = PostgresStore::new(PgPool::connect(site.url()?).await?);
        store.migrate().await?;
        Ok(store)
    })
}

/// In MariaDB.
///
/// # Errors
///
/// As those of [`redis`].
pub fn mariadb(site: Site<'_>) -> Result<MySqlStore> {
    site.runtime.block_on(async {
        let store = MySqlStore::new(MySqlPool::connect(site.url()?).await?);
        store.migrate().await?;
        Ok(store)
    })
}
