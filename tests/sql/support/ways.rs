//! Each way to keep sessions in a database: its table is made, if another test has not made it before.

use session_runtime::store::{SqlDatabase, SqlStore};
use session_runtime::{MySqlStore, PostgresStore, SqliteStore};
use session_servers::given;
use session_tests::{new_file, shared_file};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor as _, MySqlPool, PgPool, SqlitePool};

/// The store, with a table of this name.
async fn with_table<DB: SqlDatabase>(store: SqlStore<DB>, name: &str) -> SqlStore<DB> {
    let store = store.table(format!("session_tests_{name}"));
    store.migrate().await.expect("a table");
    store
}

/// A file that many stores of this process have open.
pub(crate) async fn sqlite(table: &str) -> SqliteStore {
    let file = shared_file().display().to_string();
    with_table(SqliteStore::connect(file).await.expect("a file"), table).await
}

/// No file.
pub(crate) async fn sqlite_in_memory(table: &str) -> SqliteStore {
    with_table(SqliteStore::connect("sqlite::memory:").await.expect("a database"), table).await
}

/// A pool of the application's, and a journal that is none of WAL's.
pub(crate) async fn sqlite_own_pool(table: &str) -> SqliteStore {
    let url = format!("sqlite:{}?mode=rwc", new_file().display());
    with_table(SqliteStore::new(SqlitePool::connect(&url).await.expect("a file")), table).await
}

pub(crate) async fn postgres(table: &str) -> PostgresStore {
    with_table(PostgresStore::connect(given::postgres()).await.expect("a server"), table).await
}

pub(crate) async fn postgres_in_new_york(table: &str) -> PostgresStore {
    postgres_session("SET TIME ZONE 'America/New_York'", table).await
}

pub(crate) async fn postgres_in_tokyo_repeatable_read(table: &str) -> PostgresStore {
    postgres_session("SET TIME ZONE 'Asia/Tokyo'; SET default_transaction_isolation = 'repeatable read'", table).await
}

pub(crate) async fn postgres_serializable(table: &str) -> PostgresStore {
    postgres_session("SET default_transaction_isolation = 'serializable'", table).await
}

/// A pool of the application's, each of whose connections begins with this.
async fn postgres_session(sql: &'static str, table: &str) -> PostgresStore {
    let options = PgPoolOptions::new().after_connect(move |connection, _| {
        Box::pin(async move { connection.execute(sqlx::raw_sql(sql)).await.map(drop) })
    });
    let pool: PgPool = options.connect(&given::postgres()).await.expect("a server");
    with_table(PostgresStore::new(pool), table).await
}

pub(crate) async fn mariadb(table: &str) -> MySqlStore {
    with_table(MySqlStore::connect(given::mysql()).await.expect("a server"), table).await
}

pub(crate) async fn mariadb_in_new_york(table: &str) -> MySqlStore {
    mariadb_session("SET time_zone = 'America/New_York'", table).await
}

pub(crate) async fn mariadb_in_tokyo_read_committed(table: &str) -> MySqlStore {
    let sql = "SET time_zone = 'Asia/Tokyo'; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    mariadb_session(sql, table).await
}

pub(crate) async fn mariadb_serializable(table: &str) -> MySqlStore {
    mariadb_session("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE", table).await
}

/// A pool of the application's, each of whose connections begins with this.
async fn mariadb_session(sql: &'static str, table: &str) -> MySqlStore {
    let options = MySqlPoolOptions::new().after_connect(move |connection, _| {
        Box::pin(async move { connection.execute(sqlx::raw_sql(sql)).await.map(drop) })
    });
    let pool: MySqlPool = options.connect(&given::mysql()).await.expect("a server");
    with_table(MySqlStore::new(pool), table).await
}
