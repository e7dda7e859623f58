//! What a record may be that no request makes: without stamps, and of an owner of any name.

use std::time::Duration;

use session_runtime::record::Record;
use session_runtime::store::{Inserted, Loaded, Removed, SqlStore};
use session_runtime::{Clock, SessionId, SessionStore as _, StoreKey};
use session_servers::MariaDb;
use session_tests::{delta, told};

use crate::support::{Database, Own, over_every_database};

const KEY: StoreKey = StoreKey::from_bytes([7; 32]);

over_every_database!(
    a_record_without_stamps_may_be_stored_where_a_session_has_ended,
    an_owner_of_any_name_is_kept,
    an_owner_whose_name_has_a_nul_is_kept_or_refused_for_that,
);

/// A record without stamps.
fn record() -> Record {
    let now = Clock::system().now();
    Record::new(now, now + Duration::from_hours(1)).apply(&delta(&[("hits", b"1")]))
}

async fn a_record_without_stamps_may_be_stored_where_a_session_has_ended<DB: Database>() {
    let store = Own::<DB>::new().store().await;
    let record = record();
    for _ in 0..3 {
        assert_eq!(store.insert(&KEY, &record).await.expect("an answer"), Inserted::Done);
        assert_eq!(store.insert(&KEY, &record).await.expect("an answer"), Inserted::Exists);
        assert_eq!(store.remove(&KEY).await.expect("an answer"), Removed::Done);
    }
}

/// Names of more than a page, and of more than an index can have.
fn long_names() -> [String; 3] {
    ["p".repeat(3_000), "p".repeat(70_000), "😀".repeat(17_000)]
}

/// The owner of the session under a key.
async fn owner<DB: Database>(store: &SqlStore<DB>, key: &StoreKey) -> Option<String> {
    let Some(Loaded::Record { record, .. }) = store.load(key, None).await.expect("an answer") else {
        panic!("no session");
    };
    record.principal().map(str::to_owned)
}

async fn keeps<DB: Database>(store: &SqlStore<DB>, name: &str) {
    let record = record().owned_by(Some(name.into()));
    let key = SessionId::generate().expect("random bytes").store_key();
    let what = format!("{} of {} bytes", name.chars().next().unwrap_or_default(), name.len());
    assert_eq!(store.insert(&key, &record).await.expect(&what), Inserted::Done, "{what}");
    assert!(owner(store, &key).await.as_deref() == Some(name), "{what}");
}

async fn an_owner_of_any_name_is_kept<DB: Database>() {
    let store = Own::<DB>::new().store().await;
    for name in ["", " ada ", "ADA", "😀", "e\u{301}", "'\"`\\%_", "\u{feff}\n\r\t"] {
        keeps(&store, name).await;
    }
    for name in long_names() {
        keeps(&store, &name).await;
    }
}

async fn an_owner_whose_name_has_a_nul_is_kept_or_refused_for_that<DB: Database>() {
    let store = Own::<DB>::new().store().await;
    let record = record().owned_by(Some("ada\0lovelace".into()));
    match store.insert(&KEY, &record).await {
        Ok(inserted) => {
            assert_eq!(inserted, Inserted::Done);
            assert_eq!(owner(&store, &KEY).await.as_deref(), Some("ada\0lovelace"));
        }
        Err(error) => {
            let told = told(&error);
            assert!(told.starts_with("rejected: ") && told.contains("keeps no text with a NUL"), "{told}");
            assert!(store.load(&KEY, None).await.expect("an answer").is_none());
        }
    }
}

/// It cuts what a column does not take, and stores the rest.
#[tokio::test]
async fn no_owner_is_cut_short_by_a_server_that_is_not_strict() {
    let server = MariaDb::with(&["sql-mode="]).expect("a server");
    let store = Own::<sqlx::MySql>::at("lax".to_owned(), server.url()).store().await;
    for name in long_names() {
        keeps(&store, &name).await;
    }
}
