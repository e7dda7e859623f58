//! A database that nobody else uses.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use session_runtime::store::SqlStore;
use sqlx::Pool;

use super::Database;

/// An empty database of a test's own, and connections to look into it.
pub(crate) struct Own<DB: Database> {
    pub(crate) name: String,
    pub(crate) url: String,
    pool: Pool<DB>,
}

/// A transaction of somebody else's, which holds its locks until it is dropped.
pub(crate) struct Held<DB: Database>(DB::Connection);

impl<DB: Database> Own<DB> {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("own_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let url = DB::make(&name);
        Self::at(name, url)
    }

    /// One that is there.
    pub(crate) fn at(name: String, url: String) -> Self {
        // A file is there when it is used, and not before.
        let pool = if url.contains(':') { url.clone() } else { format!("sqlite:{url}?mode=rwc") };
        let pool = Pool::connect_lazy(&pool).expect("a URL");
        Self { name, url, pool }
    }

    /// A store over it, whose table is made.
    pub(crate) async fn store(&self) -> SqlStore<DB> {
        let store = self.node().await;
        store.migrate().await.expect("a table");
        store
    }

    /// A store over it, as another process would have one.
    pub(crate) async fn node(&self) -> SqlStore<DB> {
        DB::connect(&self.url).await.expect("a database")
    }

    /// What statements answer: rows of text.
    pub(crate) async fn rows(&self, sql: impl Into<String>) -> Vec<Vec<Option<String>>> {
        let mut connection = self.pool.acquire().await.expect("a connection");
        DB::rows(&mut connection, sql.into()).await
    }

    /// The only value that a statement answers.
    pub(crate) async fn value(&self, sql: impl Into<String>) -> String {
        let rows = self.rows(sql).await;
        let [row] = &rows[..] else { panic!("not one row: {rows:?}") };
        let [Some(value)] = &row[..] else { panic!("not one value: {row:?}") };
        value.clone()
    }

    /// How many rows the table has.
    pub(crate) async fn count(&self) -> usize {
        self.value("SELECT COUNT(*) FROM sessions").await.parse().expect("a number")
    }

    /// Puts a row into the table under each of these numbers, of one of a thousand owners, which ends at so many milliseconds: an expression of `i`.
    pub(crate) async fn fill(&self, numbers: Range<u32>, expires: &str) {
        let Range { start, end } = numbers;
        let key = DB::KEY;
        self.rows(format!(
            "INSERT INTO sessions (id, state, version, record, principal, created, expires, inserted_by) \
             WITH RECURSIVE numbers (i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {end}) \
             SELECT {key}, 0, 1, {key}, i % 1000, 0, {expires}, 0 FROM numbers"
        ))
        .await;
    }

    /// Begins a transaction, and does this in it.
    pub(crate) async fn hold(&self, sql: impl Into<String>) -> Held<DB> {
        // It ends with its connection.
        let mut connection = self.pool.acquire().await.expect("a connection").detach();
        DB::rows(&mut connection, "BEGIN".to_owned()).await;
        DB::rows(&mut connection, sql.into()).await;
        Held(connection)
    }
}
