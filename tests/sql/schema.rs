//! The table: who makes it, however often, and who may use it.

use std::sync::Arc;
use std::time::Duration;

use session_runtime::store::SqlStore;
use session_runtime::{Clock, PostgresStore, SessionLayer, SqliteStore, StoreError};
use session_servers::{MariaDb, Postgres};
use session_tests::{Answer, Client, Visits, in_time, new_file, routes, told};
use sqlx::Executor as _;
use sqlx::sqlite::SqlitePoolOptions;
use tokio::task::JoinSet;

use crate::support::{Database, Own, Visited, over_every_database};

const NODES: usize = 20;
const ROUNDS: usize = 10;
/// What a start is given, and a request.
const SOON: Duration = Duration::from_secs(2);

over_every_database!(
    a_table_that_is_there_stays_as_it_is,
    nodes_that_start_at_once_make_one_table,
    a_node_that_starts_beside_an_open_write_neither_waits_nor_holds_up_requests,
    the_statements_run_by_hand_make_the_same_table,
    a_table_of_another_shape_is_refused,
    a_schema_that_is_not_there_is_what_is_told,
    tables_of_names_that_are_alike_are_beside_each_other,
);

async fn a_table_that_is_there_stays_as_it_is<DB: Database>() {
    let mut visited = Visited::<DB>::new().await;
    visited.get("/count").await;
    let before = visited.own.rows(DB::CATALOG).await;
    visited.store.migrate().await.unwrap();
    visited.own.node().await.migrate().await.unwrap();
    assert_eq!(visited.own.rows(DB::CATALOG).await, before);
    assert_eq!(visited.get("/count").await.text(), "2");
}

async fn nodes_that_start_at_once_make_one_table<DB: Database>() {
    for _ in 0..ROUNDS {
        let own = Own::<DB>::new();
        let mut nodes = JoinSet::new();
        for _ in 0..NODES {
            let url = own.url.clone();
            nodes.spawn(async move { DB::connect(&url).await?.migrate().await });
        }
        let made: Result<Vec<()>, StoreError> = nodes.join_all().await.into_iter().collect();
        assert_eq!(made.expect("a table").len(), NODES);
        assert_eq!(own.count().await, 0);
    }
}

async fn a_node_that_starts_beside_an_open_write_neither_waits_nor_holds_up_requests<DB: Database>() {
    let mut visited = Visited::<DB>::new().await;
    visited.get("/count").await;
    visited.own.fill(0..1, "1").await;
    let _held = visited.own.hold("UPDATE sessions SET version = 2 WHERE expires = 1").await;
    let mut visitor = visited.clone();
    let read = visitor.visit::<Visits>(|visits| assert_eq!(visits.hits(), 1));
    in_time(SOON, starts_beside(&visited.own, read)).await;
}

/// Starts a node while others do something.
async fn starts_beside<DB: Database>(own: &Own<DB>, others: impl Future) {
    let node = own.node().await;
    let (made, _) = tokio::join!(node.migrate(), others);
    made.expect("a table");
}

/// As `VACUUM` and `ANALYZE` hold it: who makes an index waits for them, and all who write for that.
#[tokio::test]
async fn a_node_that_starts_beside_a_vacuum_of_postgres_neither_waits_nor_holds_up_requests() {
    let visited = Visited::<sqlx::Postgres>::new().await;
    let _held = visited.own.hold("LOCK TABLE sessions IN SHARE UPDATE EXCLUSIVE MODE").await;
    in_time(SOON, starts_beside(&visited.own, async { assert!(counts(&visited.store).await) })).await;
    assert!(in_time(SOON, counts(&visited.store)).await);
}

async fn the_statements_run_by_hand_make_the_same_table<DB: Database>() {
    let (by_hand, migrated) = (Own::<DB>::new(), Own::<DB>::new());
    let store = migrated.store().await;
    by_hand.rows(store.schema_sql()).await;
    let catalog = by_hand.rows(DB::CATALOG).await;
    assert_eq!(catalog, migrated.rows(DB::CATALOG).await);
    assert!(format!("{catalog:?}").contains("sessions_expires"), "{catalog:?}");
    by_hand.rows(store.schema_sql()).await;
    assert!(counts(&by_hand.node().await).await);
}

/// Whether an application works that keeps its sessions in this store.
async fn counts<DB: Database>(store: &SqlStore<DB>) -> bool {
    let mut client = Client::new(routes().layer(SessionLayer::new(Arc::new(store.clone()))));
    let texts = [client.get("/count").await, client.get("/count").await];
    texts.each_ref().map(Answer::text) == ["1", "2"]
}

async fn a_table_of_another_shape_is_refused<DB: Database>() {
    for columns in ["id INT, expires INT, principal VARCHAR(99)", "number INT"] {
        let own = Own::<DB>::new();
        own.rows(format!("CREATE TABLE sessions ({columns})")).await;
        let error = own.node().await.migrate().await.unwrap_err();
        assert!(error.is_rejected(), "{columns}: {error:?}");
        assert!(format!("{error:?}").contains("none of this version's sessions"), "{columns}: {error:?}");
    }
}

async fn a_schema_that_is_not_there_is_what_is_told<DB: Database>() {
    let own = Own::<DB>::new();
    let told = told(&own.node().await.table("nowhere.sessions").migrate().await.expect_err("no schema"));
    // Each has another word for it; MariaDB tells only those who may see that it is not there.
    let words = ["there is no such schema", "does not let this user in", "unknown database"];
    assert!(told.starts_with("rejected: ") && words.iter().any(|word| told.contains(word)), "{told}");
    assert!(!told.contains("call `migrate`"), "{told}");
}

async fn tables_of_names_that_are_alike_are_beside_each_other<DB: Database>() {
    for names in [["web", "web_expires", "web_principal"], ["web_principal", "web_expires", "web"]] {
        let own = Own::<DB>::new();
        for name in names {
            let store = own.node().await.table(name);
            store.migrate().await.expect(name);
            assert!(counts(&store).await, "{name}");
            assert_eq!(own.value(format!("SELECT COUNT(*) FROM {name}")).await, "1");
        }
    }
}

#[tokio::test]
async fn a_table_may_be_in_a_schema_of_postgres() {
    let own = Own::<sqlx::Postgres>::new();
    own.rows("CREATE SCHEMA app").await;
    let store = own.node().await.table("app.sessions");
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert!(counts(&store).await);
    assert_eq!(own.value("SELECT COUNT(*) FROM app.sessions").await, "1");
    let indexes = own.rows("SELECT indexname FROM pg_indexes WHERE schemaname = 'app'").await;
    assert_eq!(indexes.len(), 3);
}

#[tokio::test]
async fn a_table_may_be_in_another_database_of_mariadb() {
    let own = Own::<sqlx::MySql>::new();
    let store = own.node().await.table(format!("{}.web_sessions", own.name));
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert!(counts(&store).await);
    assert_eq!(own.value("SELECT COUNT(*) FROM web_sessions").await, "1");
}

#[tokio::test]
async fn a_table_may_be_in_a_file_that_is_attached() {
    let attach = format!("ATTACH '{}' AS app", new_file().display());
    let options = SqlitePoolOptions::new().after_connect(move |connection, _| {
        let attach = sqlx::raw_sql(sqlx::AssertSqlSafe(attach.clone()));
        Box::pin(async move { connection.execute(attach).await.map(drop) })
    });
    let url = format!("sqlite:{}?mode=rwc", new_file().display());
    let store = SqliteStore::new(options.connect(&url).await.unwrap()).table("app.sessions");
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert!(counts(&store).await);
    assert_eq!(store.clock(Clock::manual()).clear_expired().await.unwrap(), 0);
}

#[tokio::test]
#[should_panic(
    expected = "\"web sessions\" is no name of a table for sessions: it takes ASCII letters, digits and `_`"
)]
async fn a_name_that_is_none_panics_and_says_what_is_one() {
    let store = SqliteStore::connect(":memory:").await.unwrap();
    let _ = store.table("web sessions");
}

/// What a user can do who may only read and write what is in the table: everything but to make it.
async fn goes_without_rights<DB: Database>(url: &str) {
    let limited = DB::connect(url).await.unwrap();
    limited.migrate().await.expect("the table is there");
    assert!(counts(&limited).await);
    assert_eq!(limited.clone().clock(Clock::manual()).clear_expired().await.unwrap(), 0);
    let error = limited.table("other").migrate().await.unwrap_err();
    assert!(error.is_rejected(), "{error:?}");
    assert!(format!("{error:?}").contains("does not let this user"), "{error:?}");
}

#[tokio::test]
async fn a_user_of_postgres_needs_no_right_to_make_tables() {
    let server = Postgres::start().unwrap();
    PostgresStore::connect(server.url()).await.unwrap().migrate().await.unwrap();
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO web";
    server.sql(&format!("CREATE USER web; REVOKE CREATE ON SCHEMA public FROM PUBLIC; {rights}")).unwrap();
    goes_without_rights::<sqlx::Postgres>(&server.url().replace("postgres@", "web@")).await;
}

#[tokio::test]
async fn a_user_of_mariadb_needs_no_right_to_make_tables() {
    let server = MariaDb::start().unwrap();
    sqlx::MySql::connect(&server.url()).await.unwrap().migrate().await.unwrap();
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON test.sessions TO web";
    // Everybody may do everything in the database `test` of a new server.
    server.sql(&format!("DELETE FROM mysql.db; FLUSH PRIVILEGES; CREATE USER web; {rights}")).unwrap();
    goes_without_rights::<sqlx::MySql>(&server.url().replace("root@", "web@")).await;
}
