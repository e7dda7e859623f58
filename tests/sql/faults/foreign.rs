//! Rows that somebody has changed by hand: no request panics, writes over them or deletes them.

use std::fmt::Debug;

use session_runtime::record::Stamp;
use session_runtime::store::{SqlStore, Update};
use session_runtime::{SessionStore as _, StoreError};
use session_servers::{MariaDb, Postgres};
use session_tests::{Guest, Logs, delta};

use super::{HOUR, over, record};
use crate::support::Server;

over_servers!(
    a_request_goes_on_with_a_new_session_and_leaves_alone_what_is_there,
    every_call_to_the_store_says_that_it_is_no_session,
    no_number_lets_a_request_fail,
);

/// What a row of nulls takes.
trait Nulls: Server {
    const NULLS: [&'static str; 2];
}

impl Nulls for Postgres {
    const NULLS: [&'static str; 2] = [
        "ALTER TABLE sessions ALTER record DROP NOT NULL; UPDATE sessions SET record = NULL",
        "ALTER TABLE sessions ALTER version DROP NOT NULL; UPDATE sessions SET version = NULL",
    ];
}

impl Nulls for MariaDb {
    const NULLS: [&'static str; 2] = [
        "ALTER TABLE sessions MODIFY record LONGBLOB; UPDATE sessions SET record = NULL",
        "ALTER TABLE sessions MODIFY version BIGINT; UPDATE sessions SET version = NULL",
    ];
}

/// Each makes something of a row that is no session.
fn spoiled<S: Nulls>() -> Vec<String> {
    let record = |state: u8, bytes: &[u8]| format!("UPDATE sessions SET state = {state}, record = {}", S::bytes(bytes));
    let mut statements = vec![
        "UPDATE sessions SET state = 9".to_owned(),
        "UPDATE sessions SET state = -1".to_owned(),
        record(0, b"garbage"),
        record(1, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        record(2, b"abc"),
        record(3, b"abc"),
        record(4, b"abc"),
    ];
    statements.extend(S::NULLS.map(str::to_owned));
    statements
}

/// A session of one hit, spoiled by a statement.
async fn with<S: Server>(server: &S, statement: &str) -> Guest<SqlStore<S::DB>> {
    server.sql("DROP TABLE IF EXISTS sessions");
    let (mut guest, _) = over(server, 1).await;
    guest.see("/hit").await;
    server.sql(statement);
    guest
}

/// The row of a guest's session.
fn row<S: Server>(server: &S, guest: &Guest<SqlStore<S::DB>>) -> String {
    let key = S::bytes(guest.key().as_bytes());
    server.sql(&format!("SELECT state, version, record, created, expires FROM sessions WHERE id = {key}"))
}

async fn a_request_goes_on_with_a_new_session_and_leaves_alone_what_is_there<S: Nulls>() {
    let server = S::start();
    for what in spoiled::<S>() {
        let mut guest = with(&server, &what).await;
        let (spoiled, before) = (guest.clone(), row(&server, &guest));
        let logs = Logs::capture();
        assert_eq!(guest.clone().see("/read").await, "0 hits of nobody", "{what}");
        let warned = logs.text();
        assert!(warned.contains("WARN") && warned.contains("a stored session does not decode"), "{what}: {warned}");
        assert_eq!(guest.clone().see("/sign-in/7").await, "0 hits of 7", "{what}");
        assert_eq!(guest.clone().see("/sign-out").await, "signed out", "{what}");
        assert_eq!(guest.see("/hit").await, "1 hits of nobody", "{what}");
        assert!(guest.key() != spoiled.key(), "{what}");
        assert_eq!(row(&server, &spoiled), before, "{what}");
    }
}

async fn every_call_to_the_store_says_that_it_is_no_session<S: Nulls>() {
    let server = S::start();
    for what in spoiled::<S>() {
        let guest = with(&server, &what).await;
        let (key, before) = (guest.key(), row(&server, &guest));
        let (record, change) = (record().at_version(77), delta(&[("hits", b"2")]));
        let update = Update::new(&record, &change, Stamp::next());
        is_corrupt(guest.store.load(&key, None).await, &what, "load");
        is_corrupt(guest.store.insert(&key, &record).await, &what, "insert");
        is_corrupt(guest.store.update(&key, &update).await, &what, "update");
        is_corrupt(guest.store.rename(&key, &super::key(), &update, None).await, &what, "rename");
        assert_eq!(row(&server, &guest), before, "{what}");
        // What tells a session by its state alone may take it for one.
        let touched = guest.store.touch(&key, record.expires() + HOUR).await;
        assert!(touched.as_ref().map_or_else(StoreError::is_corrupt, |_| true), "{what}: {touched:?}");
        let removed = guest.store.remove(&key).await;
        assert!(removed.as_ref().map_or_else(StoreError::is_corrupt, |_| true), "{what}: {removed:?}");
    }
}

#[track_caller]
fn is_corrupt<T: Debug>(answer: Result<T, StoreError>, what: &str, call: &str) {
    let error = answer.expect_err(&format!("{call} of {what}"));
    assert!(error.is_corrupt(), "{call} of {what}: {error:?}");
}

/// Numbers that no store writes.
async fn no_number_lets_a_request_fail<S: Server>() {
    let server = S::start();
    for column in ["version", "created", "expires", "inserted_by"] {
        for number in ["-1", "0", "9223372036854775807", "-9223372036854775808"] {
            let what = format!("UPDATE sessions SET {column} = {number}");
            let mut guest = with(&server, &what).await;
            guest.clone().see("/read").await;
            guest.clone().see("/sign-in/7").await;
            guest.see("/hit").await;
            guest.see("/sign-out").await;
            assert_eq!(guest.see("/hit").await, "1 hits of nobody", "{what}");
        }
    }
}
