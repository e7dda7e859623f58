//! Statements that wait for somebody else's lock when the server stops them, or somebody ends their connection, or nobody waits for them any
//! more.

use std::time::Duration;

use session_runtime::store::{Inserted, SqlStore};
use session_runtime::{MySqlStore, PostgresStore, SessionStore as _};
use session_servers::{MariaDb, Postgres};
use session_tests::{Guest, in_time, told, until};
use tokio::task::JoinSet;

use super::{CONNECTIONS, key, over, record, seen};
use crate::support::{Server, pooled};

over_servers!(
    a_statement_that_the_server_stops_is_timed_out,
    a_statement_whose_connection_is_ended_under_way_is_done_on_another,
    requests_that_give_up_leave_no_statements_that_wait_for_long,
);

const LIMIT: Duration = Duration::from_secs(5);

/// What is said to a kind of server.
trait Stops: Server {
    const LOCK_TABLE: &'static str;
    const UNLOCK_TABLE: &'static str;
    /// Counts the statements that wait for it.
    const WAITING: &'static str;
    /// Counts the statements that wait for anything, or do something, but for this one.
    const AT_WORK: &'static str;

    /// A server on which no statement may take longer than a moment.
    fn impatient() -> Self;

    /// A store, as an application makes one.
    async fn connect(url: &str) -> SqlStore<Self::DB>;
}

impl Stops for Postgres {
    const LOCK_TABLE: &'static str = "BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE";
    const UNLOCK_TABLE: &'static str = "COMMIT";
    const WAITING: &'static str = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    const AT_WORK: &'static str = "SELECT COUNT(*) FROM pg_stat_activity \
         WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid()";

    fn impatient() -> Self {
        Self::with(&["statement_timeout=300ms"]).expect("a server")
    }

    async fn connect(url: &str) -> PostgresStore {
        PostgresStore::connect(url).await.expect("a server")
    }
}

impl Stops for MariaDb {
    const LOCK_TABLE: &'static str = "LOCK TABLES sessions WRITE";
    const UNLOCK_TABLE: &'static str = "UNLOCK TABLES";
    const WAITING: &'static str =
        "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'Waiting for table metadata lock'";
    const AT_WORK: &'static str = "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE host <> '' AND command NOT IN ('Sleep', 'Daemon') AND id <> connection_id()";

    fn impatient() -> Self {
        Self::with(&["max-statement-time=0.3"]).expect("a server")
    }

    async fn connect(url: &str) -> MySqlStore {
        MySqlStore::connect(url).await.expect("a server")
    }
}

async fn a_statement_that_the_server_stops_is_timed_out<S: Stops>() {
    let server = S::impatient();
    let (mut guest, _) = over(&server, 2).await;
    guest.see("/hit").await;
    let mut hand = server.connection().await;
    S::say(&mut hand, S::LOCK_TABLE).await;
    let (store, key) = (&guest.store, guest.key());
    for error in [
        in_time(LIMIT, store.load(&key, None)).await.expect_err("a lock"),
        in_time(LIMIT, store.insert(&super::key(), &record())).await.expect_err("a lock"),
        in_time(LIMIT, store.touch(&key, record().expires())).await.expect_err("a lock"),
        in_time(LIMIT, store.remove(&key)).await.expect_err("a lock"),
    ] {
        assert!(error.is_timed_out(), "{}", told(&error));
    }
    assert!(in_time(LIMIT, guest.fail("/hit")).await.starts_with("timed out: "));
    S::say(&mut hand, S::UNLOCK_TABLE).await;
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

/// The lock goes, too, with the connection that has it.
async fn a_statement_whose_connection_is_ended_under_way_is_done_on_another<S: Stops>() {
    let server = S::start();
    let (store, _) = pooled::<S::DB>(&server.url(), 2).await;
    let (key, record) = (key(), record());
    let mut hand = server.connection().await;
    S::say(&mut hand, S::LOCK_TABLE).await;
    let ended = async {
        until("it waits", async || (server.sql(S::WAITING) == "1").then_some(())).await;
        server.end_connections();
    };
    let (inserted, ()) = in_time(LIMIT, async { tokio::join!(store.insert(&key, &record), ended) }).await;
    assert_eq!(inserted.expect("an answer"), Inserted::Done);
    assert_eq!(seen(&store, &key).await, "1 until 3600000");
}

/// A server does not notice that the client of a statement which waits for a lock has gone. Whoever has locked the row stays.
async fn requests_that_give_up_leave_no_statements_that_wait_for_long<S: Stops>() {
    let server = S::start();
    let store = S::connect(&server.url()).await;
    store.migrate().await.expect("a table");
    let mut guest = Guest::patient_for(store, Duration::from_millis(200));
    guest.see("/hit").await;
    let mut hand = server.connection().await;
    S::say(&mut hand, "BEGIN; SELECT COUNT(*) FROM (SELECT id FROM sessions FOR UPDATE) locked").await;
    for _ in 0..3 {
        let mut requests = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let mut guest = guest.clone();
            requests.spawn(async move { guest.fail("/hit").await });
        }
        in_time(LIMIT, requests.join_all()).await;
    }
    assert!(server.sql(S::AT_WORK) != "0", "they wait");
    until("nobody waits", async || (server.sql(S::AT_WORK) == "0").then_some(())).await;
    S::say(&mut hand, "ROLLBACK").await;
    guest.see("/hit").await;
}
