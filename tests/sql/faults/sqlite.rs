//! Files of SQLite's that others lock, that cannot be written, and that are damaged.

use std::fs;
use std::pin::pin;
use std::time::Duration;

use session_runtime::SqliteStore;
use session_runtime::store::SqlStore;
use session_tests::{Guest, in_time, told};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection as _, Executor as _, Sqlite, SqliteConnection, SqlitePool};
use tokio::time::timeout;

use crate::support::{new_file, pooled};

const LIMIT: Duration = Duration::from_millis(500);

/// A file with a table, and a store over it.
async fn made() -> (String, SqliteStore) {
    let file = new_file().display().to_string();
    let store = SqliteStore::connect(&file).await.expect("a file");
    store.migrate().await.expect("a table");
    (file, store)
}

/// A connection that keeps all others from writing.
async fn locked(file: &str) -> SqliteConnection {
    let mut hand = SqliteConnection::connect(file).await.expect("a file");
    hand.execute("BEGIN EXCLUSIVE").await.expect("the lock");
    hand
}

#[tokio::test]
async fn who_finds_the_file_locked_for_a_moment_waits_and_readers_do_not() {
    let (file, store) = made().await;
    let mut guest = Guest::over(store);
    guest.see("/hit").await;
    for (path, shown) in [("/hit", "2 hits of nobody"), ("/sign-in/7", "2 hits of 7"), ("/sign-out", "signed out")] {
        let mut hand = locked(&file).await;
        in_time(LIMIT, guest.clone().see("/read")).await;
        let mut visit = pin!(guest.see(path));
        assert!(timeout(Duration::from_millis(100), &mut visit).await.is_err(), "{path} waits");
        hand.execute("ROLLBACK").await.expect("an answer");
        assert_eq!(in_time(5 * LIMIT, visit).await, shown);
    }
}

#[tokio::test]
async fn who_finds_the_file_locked_for_longer_is_503_and_the_next_is_served() {
    let (file, store) = made().await;
    let mut guest = Guest::patient_for(store, LIMIT);
    guest.see("/hit").await;
    let mut hand = locked(&file).await;
    for path in ["/hit", "/sign-in/7", "/sign-out"] {
        let error = in_time(LIMIT, guest.fail(path)).await;
        assert!(error.starts_with("timed out: "), "{path}: {error}");
    }
    assert_eq!(guest.see("/read").await, "1 hits of nobody");
    hand.execute("ROLLBACK").await.expect("an answer");
    // What was given up may still be done: it was on its way.
    let seen = in_time(LIMIT, guest.get("/read")).await;
    assert!(seen.status.is_success(), "{}", seen.text());
    assert_eq!(in_time(LIMIT, guest.other().see("/hit")).await, "1 hits of nobody");
}

/// One waits for the file, the other for the only connection that writes.
#[tokio::test]
async fn who_waits_too_long_for_the_connection_that_writes_is_told_that_somebody_locks_the_file() {
    let (file, store) = made().await;
    let _hand = locked(&file).await;
    let guest = Guest::over(store);
    let (mut one, mut two) = (guest.other(), guest.other());
    let (one, two) = in_time(10 * LIMIT, async { tokio::join!(one.fail("/hit"), two.fail("/hit")) }).await;
    let advice = "the file was not free in time: another process, or a slow statement of this one, keeps it locked";
    let is_told = |told: &String| told.starts_with("unreachable: ") && told.contains(advice);
    assert!([&one, &two].into_iter().any(is_told), "{one}, {two}");
}

/// Root may write whatever the mode of a file says: it is opened so that nobody may.
#[tokio::test]
async fn a_file_that_is_read_only_can_be_read() {
    let (file, store) = made().await;
    let mut guest = Guest::over(store);
    guest.see("/hit").await;
    let id = guest.id().to_owned();
    let options = SqliteConnectOptions::new().filename(&file).pragma("query_only", "ON");
    let stores = [
        SqliteStore::connect(format!("sqlite:{file}?mode=ro")).await.expect("a file"),
        SqlStore::new(SqlitePool::connect_with(options).await.expect("a file")),
    ];
    for store in stores {
        let reader = Guest::over(store).holding(&id);
        assert_eq!(reader.clone().see("/read").await, "1 hits of nobody");
        for path in ["/hit", "/sign-in/7", "/sign-out"] {
            let error = reader.clone().fail(path).await;
            let advice = "the database is read-only, sessions need one that is not";
            assert!(error.starts_with("rejected: ") && error.contains(advice), "{path}: {error}");
        }
    }
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

#[tokio::test]
async fn a_table_that_is_not_there_is_rejected_with_how_to_make_it() {
    let file = new_file().display().to_string();
    let store = SqliteStore::connect(&file).await.expect("a file");
    let mut guest = Guest::over(store.clone());
    let error = guest.fail("/hit").await;
    assert!(error.starts_with("rejected: ") && error.contains("call `migrate` at the start"), "{error}");
    store.migrate().await.expect("a table");
    assert_eq!(guest.see("/hit").await, "1 hits of nobody");
}

#[tokio::test]
async fn a_table_of_something_else_is_rejected() {
    let url = format!("sqlite:{}?mode=rwc", new_file().display());
    let pool = SqlitePool::connect(&url).await.expect("a file");
    pool.execute("CREATE TABLE sessions (id INTEGER PRIMARY KEY, expires INTEGER)").await.expect("a table");
    let error = Guest::over(SqliteStore::new(pool)).fail("/hit").await;
    assert!(
        error.starts_with("rejected: ") && error.contains("the table is none of this version's sessions"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_of_something_else_is_rejected_and_left_alone() {
    let file = new_file();
    let text = "This is no database. ".repeat(1_000);
    fs::write(&file, &text).expect("a file");
    let error = told(&SqliteStore::connect(file.display().to_string()).await.expect_err("no database"));
    assert!(error.starts_with("rejected: ") && error.contains("the file is damaged, or no database"), "{error}");
    assert_eq!(fs::read_to_string(&file).expect("the file"), text);
}

#[tokio::test]
async fn a_file_that_is_damaged_is_rejected() {
    let file = new_file();
    let url = format!("sqlite:{}?mode=rwc", file.display());
    // Without WAL all is in the file.
    let options = url.parse::<SqliteConnectOptions>().expect("a URL").journal_mode(SqliteJournalMode::Delete);
    SqlitePool::connect_with(options).await.expect("a file").close().await;
    let (store, pool) = pooled::<Sqlite>(&url, 1).await;
    let mut guest = Guest::over(store);
    guest.see("/hit").await;
    pool.close().await;
    let mut bytes = fs::read(&file).expect("the file");
    bytes[4_096..].fill(0xff);
    fs::write(&file, bytes).expect("written");
    let store = SqliteStore::new(SqlitePool::connect(&url).await.expect("a file"));
    let error = Guest::over(store).holding(guest.id()).fail("/hit").await;
    assert!(error.starts_with("rejected: ") && error.contains("the file is damaged, or no database"), "{error}");
}
