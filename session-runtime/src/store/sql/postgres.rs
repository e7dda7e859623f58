//! Sessions in PostgreSQL.

use std::fmt::Write as _;

use sqlx::error::DatabaseError;
use sqlx::pool::PoolOptions;
use sqlx::{Postgres, SqlSafeStr as _};

use super::PostgresStore;
use super::connect;
use super::dialect::Dialect;
use super::driver::{Driver as _, driver};
use super::error::Cause;
use crate::error::StoreError;

/// What a connection begins with: who waits for a lock does not notice that its client has gone; by then, nobody waits for it.
const SETTINGS: &str = "SET lock_timeout = 4000";

driver!(Postgres);

impl Dialect for Postgres {
    const URL: &'static str = "postgres://user:password@host:5432/database";
    const SCHEMA: &'static str = include_str!("schema/postgres.sql");
    const QUOTE: char = '"';
    const GREATER: &'static str = "GREATEST";
    const BEGIN: &'static str = "BEGIN";
    const LEAVE_FOR: Option<&'static str> = Some(
        "WITH old AS (UPDATE {table} SET state = ?, record = ?, principal = NULL, expires = ? \
         WHERE id = ? AND version = ? AND expires + 0 = ? AND state <= 1 AND expires > ? RETURNING id) \
         INSERT INTO {table} (id, state, version, record, principal, created, expires, inserted_by) \
         SELECT ?, ?, ?, ?, ?, ?, ?, ? FROM old",
    );
    const SWEEP: &'static str = "DELETE FROM {table} WHERE id = ANY(ARRAY(\
                                 SELECT id FROM {table} WHERE expires <= ? ORDER BY expires LIMIT ? FOR UPDATE SKIP LOCKED))";
    const BATCH: i64 = 1_000;
    // `IF NOT EXISTS` looks before it makes: two that look at once would both make it. The number is any that nobody else takes.
    const BEFORE_SCHEMA: Option<&'static str> = Some("SELECT pg_advisory_xact_lock(7310026961287112051)");

    /// Values are `$1`, `$2` and so on.
    fn statement(sql: String) -> String {
        let mut parts = sql.split('?');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.zip(1..).fold(first, |mut sql, (part, number)| {
            let _ = write!(sql, "${number}{part}");
            sql
        })
    }

    fn cause(error: &dyn DatabaseError) -> Cause {
        match error.code().as_deref().unwrap_or_default() {
            "23505" => Cause::Taken,
            // serialization_failure, deadlock_detected, lock_not_available
            "40001" | "40P01" | "55P03" => Cause::Conflict,
            // The server, or somebody on it, ends connections; or what the connection has prepared, or begun, the server
            // does not know or take any more
            "57P01" | "57P02" | "57P04" | "57P05" | "0A000" | "25P02" | "25P03" | "25P04" | "40003" | "26000"
            | "42P05" => Cause::Lost,
            "22021" | "22P05" => Cause::NulInText,
            // cannot_connect_now, too_many_connections
            "57P03" | "53300" => Cause::Unavailable,
            // query_canceled, by a timeout of the server's
            "57014" => Cause::TimedOut,
            "42P01" => Cause::NoTable,
            "3F000" => Cause::NoSchema,
            "42703" | "42804" | "42883" => Cause::OtherTable,
            "25006" => Cause::ReadOnly,
            // disk_full, out_of_memory
            "53100" | "53200" => Cause::Full,
            "42501" | "28000" | "28P01" => Cause::NotAllowed,
            "3D000" => Cause::NoDatabase,
            // program_limit_exceeded
            "54000" => Cause::TooLarge,
            code if code.starts_with("08") => Cause::Lost,
            // data_corrupted, index_corrupted
            "XX001" | "XX002" => Cause::Damaged,
            code if code.starts_with("XX") => Cause::Unavailable,
            _ => Cause::Other,
        }
    }
}

impl PostgresStore {
    /// Connects to the PostgreSQL server of a URL, `postgres://user:password@host:5432/database`. Up to ten connections are shared by all requests, and made
    /// anew when they break; [`new`](Self::new) takes a pool of any other size. In a password, `@`, `/`, `:`, `#` and `%` are percent-encoded.
    ///
    /// ```no_run
    /// use session_runtime::{PostgresStore, SessionLayer, StoreError};
    ///
    /// # async fn connect() -> Result<(), StoreError> {
    /// let store = PostgresStore::connect("postgres://shop@localhost/shop").await?;
    /// store.migrate().await?;
    /// let sessions = SessionLayer::new(store);
    /// # let _ = sessions;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`unreachable`](StoreError::is_unreachable) where no server answers within two seconds, [`rejected`](StoreError::is_rejected) where the
    /// URL is not valid, or the server does not accept the user, the password or the database.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, as tokio does.
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, StoreError> {
        let options = connect::options::<Postgres>(url.as_ref())?;
        let pool = PoolOptions::new()
            .after_connect(|connection, _| Box::pin(Postgres::command(connection, SETTINGS.into_sql_str())));
        Ok(Self::new(connect::pool(options, pool).await?))
    }
}
