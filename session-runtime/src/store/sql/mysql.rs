//! Sessions in MySQL or MariaDB.

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;
use sqlx::pool::PoolOptions;
use sqlx::{MySql, SqlSafeStr as _};

use super::MySqlStore;
use super::connect;
use super::dialect::Dialect;
use super::driver::{Driver as _, driver};
use super::error::Cause;
use crate::error::StoreError;

/// What a connection begins with. Some servers are set to wait for a commit after every statement; and who waits for a lock does not notice that
/// its client has gone: by then, nobody waits for it.
const SETTINGS: &str = "SET autocommit = 1, innodb_lock_wait_timeout = 4, lock_wait_timeout = 4";

driver!(MySql);

impl Dialect for MySql {
    const URL: &'static str = "mysql://user:password@host:3306/database";
    const SCHEMA: &'static str = include_str!("schema/mysql.sql");
    const QUOTE: char = '`';
    const GREATER: &'static str = "GREATEST";
    const BEGIN: &'static str = "START TRANSACTION";
    // Under any other isolation, the gaps between rows are locked, too, into which requests put theirs.
    const BEFORE_SWEEP: Option<&'static str> = Some("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    const SWEEP: &'static str = "DELETE expired FROM {table} AS expired JOIN (\
                                 SELECT id FROM {table} WHERE expires <= ? ORDER BY expires LIMIT ? FOR UPDATE SKIP LOCKED\
                                 ) AS batch ON expired.id = batch.id";
    const BATCH: i64 = 250;

    fn cause(error: &dyn DatabaseError) -> Cause {
        let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() else {
            return Cause::Other;
        };
        match error.number() {
            1062 => Cause::Taken,
            // a deadlock, a lock not had in time, a row that changed under a snapshot, a commit that other nodes of a cluster were faster than
            1213 | 1205 | 1020 | 1180 | 3101 => Cause::Conflict,
            // the server ends connections
            1053 | 1079 | 1152 | 1158..=1161 | 1243 | 1615 | 1927 | 4031 => Cause::Lost,
            // too many connections, or statements; a node of a cluster that is not ready
            1040 | 1047 | 1203 | 1226 | 1461 => Cause::Unavailable,
            // a timeout of the server's
            1317 | 1969 | 3024 => Cause::TimedOut,
            1146 => Cause::NoTable,
            1054 | 1264 | 1265 | 1366 => Cause::OtherTable,
            1290 | 1792 | 1836 => Cause::ReadOnly,
            // no space, in a table or on the disk
            1021 | 1026 | 1037 | 1038 | 1041 | 1114 | 1206 => Cause::Full,
            1044 | 1045 | 1129 | 1130 | 1142 | 1143 | 1227 | 1698 => Cause::NotAllowed,
            1049 => Cause::NoDatabase,
            1153 | 1301 | 1406 => Cause::TooLarge,
            1034 | 1194 | 1195 => Cause::Damaged,
            _ => Cause::Other,
        }
    }
}

impl MySqlStore {
    /// Connects to the MySQL or MariaDB server of a URL, `mysql://user:password@host:3306/database`. Up to ten connections are shared by all requests, and made
    /// anew when they break; [`new`](Self::new) takes a pool of any other size. In a password, `@`, `/`, `:`, `#` and `%` are percent-encoded.
    ///
    /// ```no_run
    /// use session_runtime::{MySqlStore, SessionLayer, StoreError};
    ///
    /// # async fn connect() -> Result<(), StoreError> {
    /// let store = MySqlStore::connect("mysql://shop@localhost/shop").await?;
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
        let options = connect::options::<MySql>(url.as_ref())?;
        let pool = PoolOptions::new()
            .after_connect(|connection, _| Box::pin(MySql::command(connection, SETTINGS.into_sql_str())));
        Ok(Self::new(connect::pool(options, pool).await?))
    }
}
