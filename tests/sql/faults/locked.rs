//! Transactions of others, which hold what a session needs: who has to wait waits, and who has lost tries again.

use std::pin::pin;
use std::time::Duration;

use session_runtime::SessionStore as _;
use session_runtime::record::Stamp;
use session_runtime::store::{Removed, SqlStore, Touched, Update, Updated};
use session_servers::{MariaDb, Postgres};
use session_tests::{Guest, delta, in_time, until};
use tokio::time::timeout;

use super::{HOUR, key, record, seen};
use crate::support::{Server, pooled};

over_servers!(
    who_finds_the_table_locked_for_a_moment_waits,
    who_loses_a_deadlock_tries_again,
    a_lock_that_is_not_had_is_asked_for_again,
);

const LIMIT: Duration = Duration::from_secs(5);

/// What is said to a kind of server.
trait Locks: Server {
    const LOCK_TABLE: &'static str;
    const UNLOCK_TABLE: &'static str;

    /// A server that gives up waiting for a lock after a moment.
    fn in_a_hurry() -> Self;

    /// A transaction that begins with this, and is the one that goes on where two wait for each other.
    fn privileged(beginning: &str) -> String;
}

impl Locks for Postgres {
    const LOCK_TABLE: &'static str = "BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE";
    const UNLOCK_TABLE: &'static str = "COMMIT";

    fn in_a_hurry() -> Self {
        Self::with(&["lock_timeout=300ms"]).expect("a server")
    }

    /// Who looks first for the reason that it waits gives up, after a second by default.
    fn privileged(beginning: &str) -> String {
        format!("SET deadlock_timeout = '30s'; {beginning}")
    }
}

impl Locks for MariaDb {
    const LOCK_TABLE: &'static str = "FLUSH TABLES WITH READ LOCK";
    const UNLOCK_TABLE: &'static str = "UNLOCK TABLES";

    fn in_a_hurry() -> Self {
        Self::with(&["innodb-lock-wait-timeout=1"]).expect("a server")
    }

    /// Who has changed more rows goes on.
    fn privileged(beginning: &str) -> String {
        let rows: Vec<_> = (0..100).map(|row| format!("({row})")).collect();
        format!("CREATE TABLE ballast (id INT); {beginning}; INSERT INTO ballast VALUES {}", rows.join(","))
    }
}

async fn who_finds_the_table_locked_for_a_moment_waits<S: Locks>() {
    let server = S::start();
    let (store, _) = pooled::<S::DB>(&server.url(), 2).await;
    let mut guest = Guest::over(store);
    let mut hand = server.connection().await;
    for (path, shown) in [("/hit", "1 hits of nobody"), ("/sign-in/7", "1 hits of 7"), ("/sign-out", "signed out")] {
        S::say(&mut hand, S::LOCK_TABLE).await;
        let mut visit = pin!(guest.see(path));
        assert!(timeout(Duration::from_millis(100), &mut visit).await.is_err(), "{path} waits");
        S::say(&mut hand, S::UNLOCK_TABLE).await;
        assert_eq!(in_time(LIMIT, visit).await, shown);
    }
}

/// The rename holds the old row and wants the new one, somebody else the other way round.
async fn who_loses_a_deadlock_tries_again<S: Locks>() {
    let server = S::start();
    let (store, _) = pooled::<S::DB>(&server.url(), 2).await;
    let (old, new, record) = (key(), key(), record());
    store.insert(&old, &record).await.expect("stored");
    let mut hand = server.connection().await;
    let columns = "state, version, created, expires, inserted_by, record";
    let copy = format!(
        "BEGIN; INSERT INTO sessions (id, {columns}) SELECT {}, {columns} FROM sessions",
        S::bytes(new.as_bytes())
    );
    S::say(&mut hand, &S::privileged(&copy)).await;
    let change = delta(&[("hits", b"2")]);
    let update = Update::new(&record, &change, Stamp::next());
    let rename = store.rename(&old, &new, &update, None);
    let take = format!("UPDATE sessions SET version = version WHERE id = {}", S::bytes(old.as_bytes()));
    // The rename begins, and waits, before the other begins to wait.
    let (answer, ()) = in_time(LIMIT, async {
        tokio::join!(rename, async {
            until("the rename waits", async || waits(&server).then_some(())).await;
            S::say(&mut hand, &take).await;
            S::say(&mut hand, "ROLLBACK").await;
        })
    })
    .await;
    assert!(matches!(answer, Ok(Updated::Done)), "{answer:?}");
    assert_eq!([seen(&store, &old).await, seen(&store, &new).await], ["renamed", "2 until 3600000"]);
}

/// Whether somebody waits for a lock.
fn waits<S: Server>(server: &S) -> bool {
    let asked = if server.url().starts_with("postgres") {
        "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    } else {
        "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'"
    };
    server.sql(asked) != "0"
}

async fn a_lock_that_is_not_had_is_asked_for_again<S: Locks>() {
    let server = S::in_a_hurry();
    let (store, _) = pooled::<S::DB>(&server.url(), 2).await;
    let (old, record) = (key(), record());
    store.insert(&old, &record).await.expect("stored");
    let mut hand = server.connection().await;
    S::say(&mut hand, "BEGIN; UPDATE sessions SET version = version").await;
    let change = delta(&[("hits", b"2")]);
    let update = Update::new(&record, &change, Stamp::next());
    let mut both =
        pin!(async { (store.update(&old, &update).await, store.touch(&old, record.expires() + HOUR).await) });
    // Longer than a lock is waited for.
    assert!(timeout(Duration::from_millis(1_300), &mut both).await.is_err(), "it waits");
    S::say(&mut hand, "ROLLBACK").await;
    let (updated, touched) = in_time(LIMIT, both).await;
    assert!(matches!(updated, Ok(Updated::Done)), "{updated:?}");
    assert_eq!(touched.expect("an answer"), Touched::Done);
    assert_eq!(seen(&store, &old).await, "2 until 7200000");
    assert_eq!(store.remove(&old).await.expect("an answer"), Removed::Done);
}

/// Under a snapshot, who waits for a row that is changed meanwhile cannot go on.
#[tokio::test]
async fn who_is_overtaken_under_a_snapshot_tries_again() {
    let server = Postgres::with(&["default_transaction_isolation=serializable"]).expect("a server");
    let (store, _): (SqlStore<sqlx::Postgres>, _) = pooled(&Server::url(&server), 2).await;
    let (old, record) = (key(), record());
    store.insert(&old, &record).await.expect("stored");
    let mut hand = server.connection().await;
    let change = delta(&[("hits", b"2")]);
    let update = Update::new(&record, &change, Stamp::next());
    // The version stays: it is not by that that the update finds out.
    let change_row = "BEGIN; UPDATE sessions SET version = version";
    let commit_when_it_waits = async |hand: &mut sqlx::PgConnection| {
        until("the call waits", async || waits(&server).then_some(())).await;
        Postgres::say(hand, "COMMIT").await;
    };
    Postgres::say(&mut hand, change_row).await;
    let (answer, ()) = tokio::join!(store.update(&old, &update), commit_when_it_waits(&mut hand));
    assert!(matches!(answer, Ok(Updated::Done)), "{answer:?}");
    Postgres::say(&mut hand, change_row).await;
    let later = record.expires() + HOUR;
    let (answer, ()) = tokio::join!(store.touch(&old, later), commit_when_it_waits(&mut hand));
    assert!(matches!(answer, Ok(Touched::Done)), "{answer:?}");
    assert_eq!(seen(&store, &old).await, "2 until 7200000");
}
