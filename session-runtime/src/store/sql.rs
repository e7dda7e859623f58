//! Sessions in the table of a database: one row each, one statement a call, but for a new id.

mod calls;
mod given;

mod reaper;
mod schema;

mod row;
mod statements;
mod table;

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

mod connect;
mod loan;
mod pools;
mod tries;

mod dialect;
mod driver;
mod error;

use std::fmt;
use std::sync::Arc;

use sqlx::Pool;

pub use dialect::SqlDatabase;
pub use reaper::Reaper;

use crate::clock::Clock;
use pools::Pools;
use statements::Statements;
use table::Table;

#[doc = include_str!("sql/store.md")]
pub struct SqlStore<DB: SqlDatabase> {
    pools: Pools<DB>,
    table: Arc<Table>,
    statements: Arc<Statements>,
    clock: Clock,
}

/// Keeps sessions in a file (feature `sqlite`). What to set up, what it costs, and the table: see [`SqlStore`].
#[cfg(feature = "sqlite")]
pub type SqliteStore = SqlStore<sqlx::Sqlite>;
/// Keeps sessions in PostgreSQL (feature `postgres`). What to set up, what it costs, and the table: see [`SqlStore`].
#[cfg(feature = "postgres")]
pub type PostgresStore = SqlStore<sqlx::Postgres>;
/// Keeps sessions in MySQL or MariaDB (feature `mysql`). What to set up, what it costs, and the table: see [`SqlStore`].
#[cfg(feature = "mysql")]
pub type MySqlStore = SqlStore<sqlx::MySql>;

impl<DB: SqlDatabase> SqlStore<DB> {
    /// A store over a pool that the application has, of the crate [`sqlx`]: its version 0.9, with the features `runtime-tokio` and that of the
    /// database. Nothing is asked before the first request; how many connections there are, how long one is waited for, and what is done to each
    /// before it is used, are as the pool does it.
    ///
    /// ```no_run
    /// # #[cfg(feature = "postgres")]
    /// # async fn connect() -> Result<(), sqlx::Error> {
    /// # use session_runtime::PostgresStore;
    /// # use sqlx::postgres::PgPoolOptions;
    /// # use std::time::Duration;
    /// let pool = PgPoolOptions::new()
    ///     .max_connections(20)
    ///     .acquire_timeout(Duration::from_secs(2)) // and not the 30 of sqlx: a request waits for it
    ///     .test_before_acquire(false) // the store finds out by itself
    ///     .connect("postgres://shop@localhost/shop?options=-c%20lock_timeout%3D4s")
    ///     .await?;
    /// let store = PostgresStore::new(pool);
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(pool: Pool<DB>) -> Self {
        Self::over(Pools::new(pool.clone(), pool))
    }

    fn over(pools: Pools<DB>) -> Self {
        let table = Table::default();
        Self {
            pools,
            statements: Arc::new(Statements::of::<DB>(&table)),
            table: Arc::new(table),
            clock: Clock::system(),
        }
    }

    /// The table of the sessions, `sessions` by default: a name, or that of a schema, a dot and a name. Applications with different tables
    /// see nothing of each other; on one host, each needs a cookie of a name of its own, too
    /// ([`SessionCookie::new`](crate::SessionCookie::new)).
    ///
    /// # Panics
    ///
    /// If either is more than letters of ASCII, digits and `_`, begins with a digit, or is longer than 48 bytes: they become a part of statements.
    #[must_use = "the store with this table is what is returned"]
    #[track_caller]
    pub fn table(mut self, name: impl AsRef<str>) -> Self {
        let table = Table::parse(name.as_ref()).unwrap_or_else(|bad| panic!("{bad}"));
        self.statements = Arc::new(Statements::of::<DB>(&table));
        self.table = Arc::new(table);
        self
    }

    /// What tells the time by which sessions end, for tests: the clock of the layer, as a rule.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl<DB: SqlDatabase> Clone for SqlStore<DB> {
    fn clone(&self) -> Self {
        let Self { pools, table, statements, clock } = self;
        Self { pools: pools.clone(), table: table.clone(), statements: statements.clone(), clock: clock.clone() }
    }
}

impl<DB: SqlDatabase> fmt::Debug for SqlStore<DB> {
    /// Neither addresses nor passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore").field("database", &DB::NAME).field("table", &self.table).finish_non_exhaustive()
    }
}
