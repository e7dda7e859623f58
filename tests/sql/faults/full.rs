//! Databases that have no room left, and sessions for which there is none.

use session_runtime::record::{Record, Stamp};
use session_runtime::store::SqlStore;
use session_runtime::{SessionStore as _, SqliteStore};
use session_servers::MariaDb;
use session_tests::{Guest, delta, told};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use super::{key, record, seen};
use crate::support::{Server, new_file, pooled};

const ADVICE: &str = "the database has no room left";

/// As many pages as there may be; a disk that is full is no other error.
#[tokio::test]
async fn a_file_that_may_not_grow_is_503_that_says_so_and_what_is_there_goes_on() {
    let file = new_file();
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true).pragma("max_page_count", "40");
    let pool = SqlitePool::connect_with(options).await.expect("a file");
    let store = SqliteStore::new(pool.clone());
    store.migrate().await.expect("a table");
    let mut guest = Guest::over(store.clone());
    guest.see("/sign-in/7").await;
    for record in [large(4_000), record()] {
        // There may be room in one page, and none in another.
        let mut refused = 0;
        while refused < 500 {
            refused += u32::from(store.insert(&key(), &record).await.is_err());
        }
    }

    let mut other = guest.other();
    let error = other.fail("/hit").await;
    assert!(error.starts_with("rejected: ") && error.contains(ADVICE), "{error}");
    let error = guest.fail("/sign-in/8").await;
    assert!(error.starts_with("rejected: ") && error.contains(ADVICE), "{error}");
    assert_eq!(guest.see("/read").await, "0 hits of 7", "the old id goes on");
    assert_eq!(guest.see("/sign-out").await, "signed out");
    sqlx::query("PRAGMA max_page_count = 400").execute(&pool).await.expect("room");
    pool.close().await;

    let store = SqliteStore::connect(file.display().to_string()).await.expect("a file");
    let mut other = Guest::over(store).other();
    assert_eq!(other.see("/hit").await, "1 hits of nobody");
}

/// A session of so many bytes, or as many as one value may have.
fn large(bytes: usize) -> Record {
    let part = vec![b'x'; bytes.min(Record::MAX_VALUE)];
    record().apply_stamped(&delta(&[("part", &part), ("other", &part)]), Stamp::next()).at_version(1)
}

#[tokio::test]
async fn a_session_that_is_more_than_a_packet_fails_and_the_next_is_stored() {
    let server = MariaDb::with(&["max-allowed-packet=1M"]).expect("a server");
    let (store, _): (SqlStore<sqlx::MySql>, _) = pooled(&Server::url(&server), 2).await;
    for _ in 0..4 {
        let error = told(&store.insert(&key(), &large(Record::MAX_VALUE)).await.expect_err("too large"));
        // It says so, and ends the connection while it is still being written to, which may be all that is heard.
        let is_told =
            error.starts_with("rejected: ") && error.contains("the session is larger than the database takes");
        assert!(is_told || error.starts_with("unreachable: "), "{error}");
        let key = key();
        store.insert(&key, &record()).await.expect("stored");
        assert_eq!(seen(&store, &key).await, "1 until 3600000");
    }
}
