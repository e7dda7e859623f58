//! Sessions in a file of SQLite's.

use std::path::{Path, absolute};
use std::thread::available_parallelism;
use std::time::Duration;

use sqlx::Sqlite;
use sqlx::error::DatabaseError;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use super::SqliteStore;
use super::connect;
use super::dialect::Dialect;
use super::driver::driver;
use super::error::{Cause, no_url};
use super::pools::Pools;
use crate::error::StoreError;

/// For how long another process that writes is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// To how many bytes the file of what was written last is cut when it was longer for a while.
const JOURNAL_SIZE_LIMIT: &str = "67108864";

driver!(Sqlite);

impl Dialect for Sqlite {
    const URL: &'static str = "sqlite:sessions.db";
    const SCHEMA: &'static str = include_str!("schema/sqlite.sql");
    const QUOTE: char = '"';
    const IS_REMOTE: bool = false;
    const GREATER: &'static str = "max";
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const SWEEP: &'static str =
        "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE expires <= ? ORDER BY expires LIMIT ?)";
    // Nobody else writes meanwhile.
    const BATCH: i64 = 200;

    fn cause(error: &dyn DatabaseError) -> Cause {
        let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
        // The first byte is the kind of an error, the rest tells more.
        match code & 0xff {
            _ if error.is_unique_violation() => Cause::Taken,
            // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL
            5 | 6 | 15 => Cause::Conflict,
            // SQLITE_INTERRUPT
            9 => Cause::TimedOut,
            // SQLITE_READONLY
            8 => Cause::ReadOnly,
            // SQLITE_NOMEM, SQLITE_FULL
            7 | 13 => Cause::Full,
            // SQLITE_CANTOPEN
            14 => Cause::NoDatabase,
            // SQLITE_PERM, SQLITE_AUTH
            3 | 23 => Cause::NotAllowed,
            // SQLITE_TOOBIG
            18 => Cause::TooLarge,
            // SQLITE_CORRUPT, SQLITE_NOTADB
            11 | 26 => Cause::Damaged,
            // SQLITE_IOERR
            10 => Cause::Unavailable,
            1 if error.message().starts_with("no such table") => Cause::NoTable,
            1 if error.message().contains("no such column") || error.message().contains("has no column named") => {
                Cause::OtherTable
            }
            _ => Cause::Other,
        }
    }
}

impl SqliteStore {
    /// Opens the file of this path, and makes it where it is not there. `sqlite:` and a path is one, too, as a URL, and `sqlite::memory:` a
    /// database in memory, which ends with the store and its clones.
    ///
    /// The file is in WAL mode with `synchronous = NORMAL`: what was answered survives the end of this process, however it comes, and a power
    /// failure may take the last moments, never the file. One connection writes and several read. Other processes may use the file at the same
    /// time, on the same machine; for how long they are waited for is five seconds.
    ///
    /// ```no_run
    /// use session_runtime::{SessionLayer, SqliteStore, StoreError};
    ///
    /// # async fn connect() -> Result<(), StoreError> {
    /// let store = SqliteStore::connect("sessions.db").await?;
    /// store.migrate().await?;
    /// let sessions = SessionLayer::new(store);
    /// # let _ = sessions;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`rejected`](StoreError::is_rejected) where the path is empty, or the file cannot be opened or is none of SQLite's, and
    /// [`unreachable`](StoreError::is_unreachable) where another process keeps it locked for seconds.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, as tokio does.
    pub async fn connect(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let options = options(path)?;
        // Nothing is gained by opening a file anew, and a database in memory ends with its connection.
        let pool = |connections| PoolOptions::new().max_connections(connections).idle_timeout(None).max_lifetime(None);
        let writes = connect::pool(options.clone(), pool(1)).await?;
        if is_in_memory(path) {
            return Ok(Self::over(Pools::new(writes.clone(), writes)));
        }
        let readers = available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
        let readers = u32::try_from(readers).unwrap_or(u32::MAX);
        // It is there by now: a file that is removed later is not to be found anew, and empty, by some.
        let reads = connect::pool(options.create_if_missing(false), pool(readers)).await?;
        Ok(Self::over(Pools::new(reads, writes)))
    }
}

fn options(path: &Path) -> Result<SqliteConnectOptions, StoreError> {
    let options = match path.to_str() {
        Some(url) if is_url(url) => {
            let options = connect::options::<Sqlite>(url)?;
            if url.contains("mode=") { options } else { options.create_if_missing(true) }
        }
        _ => SqliteConnectOptions::new().filename(path).create_if_missing(true),
    };
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT);
    if is_in_memory(path) {
        return Ok(options);
    }
    // Connections are opened as requests come, whatever the working directory is by then. An empty path would be a file of its own for each.
    let file = absolute(options.get_filename()).map_err(|_| no_url(Sqlite::URL))?;
    Ok(options.filename(file))
}

/// Of this database, or of another one.
fn is_url(path: &str) -> bool {
    path.starts_with("sqlite:") || path.contains("://")
}

fn is_in_memory(path: &Path) -> bool {
    path.to_str().is_some_and(|path| {
        path == ":memory:" || path.starts_with("sqlite:") && (path.contains(":memory:") || path.contains("mode=memory"))
    })
}
