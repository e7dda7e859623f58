//! What is removed from the table, when, and what it is held up by.

use std::iter;
use std::time::Duration;

use session_runtime::store::{SessionStore as _, SqlStore};
use session_runtime::{Clock, SqliteStore, StoreKey};
use session_servers::{MariaDb, Postgres};
use session_tests::{Logs, Visits, in_time, until};
use tokio::runtime::{Builder, Handle};
use tokio::task::yield_now;

use crate::support::{Database, Own, Visited, over_every_database};

const HOUR: Duration = Duration::from_hours(1);
const MILLISECOND: Duration = Duration::from_millis(1);
/// Several batches, in whatever database.
const MANY: usize = 2500;
/// What a sweep of a few rows is given.
const SOON: Duration = Duration::from_secs(2);

over_every_database!(
    what_has_ended_is_removed_at_its_end_and_not_before,
    many_rows_are_removed_in_batches_and_no_other_row,
    two_sweeps_at_once_remove_each_row_once,
    a_reaper_counts_what_it_removes_and_stops_when_it_is_dropped,
    a_reaper_goes_on_when_the_table_is_there_again,
);

/// An hour after 1970, in a table in which as many rows as this have ended, and as many have not.
async fn halfway<DB: Database>(ended: usize) -> (Own<DB>, SqlStore<DB>) {
    let own = Own::new();
    let clock = Clock::manual();
    let store = own.store().await.clock(clock.clone());
    fill(&own, ended, &clock).await;
    (own, store)
}

async fn fill<DB: Database>(own: &Own<DB>, ended: usize, clock: &Clock) {
    let (count, now) = (u32::try_from(ended).expect("few"), clock.now().as_millis());
    own.fill(0..count, &format!("{now} - i")).await;
    own.fill(count..2 * count, &format!("{now} + i")).await;
}

/// What is in the table beside sessions: where one went whose id was renewed, and that one was signed out.
async fn what_has_ended_is_removed_at_its_end_and_not_before<DB: Database>() {
    let mut visited = Visited::<DB>::new().await;
    visited.get("/count").await;
    visited.visit::<Visits>(|visits| visits.regenerate_id()).await;
    let (mut leaving, mut lasting) = (visited.other(), visited.other());
    leaving.get("/count").await;
    leaving.get("/destroy").await;
    lasting.get("/count").await;
    lasting.visit::<Visits>(|visits| visits.set_lifetime(100 * HOUR)).await;

    let ends = [Duration::from_secs(10), Duration::from_mins(1), 24 * HOUR, 100 * HOUR];
    let mut passed = Duration::ZERO;
    for (end, rows) in ends.into_iter().zip([3, 2, 1, 0]) {
        visited.wait(end.saturating_sub(passed + MILLISECOND));
        assert_eq!((visited.store.clear_expired().await.unwrap(), visited.own.count().await), (0, rows + 1), "{end:?}");
        visited.wait(MILLISECOND);
        assert_eq!((visited.store.clear_expired().await.unwrap(), visited.own.count().await), (1, rows), "{end:?}");
        passed = end;
        if rows == 1 {
            lasting.visit::<Visits>(|visits| assert_eq!(visits.hits(), 1)).await;
        }
    }
}

async fn many_rows_are_removed_in_batches_and_no_other_row<DB: Database>() {
    let logs = Logs::capture_all();
    let (own, store) = halfway::<DB>(MANY).await;
    assert_eq!(store.clear_expired().await.unwrap(), MANY as u64);
    assert_eq!(own.count().await, MANY);
    let asked = DB::asked(&own.name, &logs);
    assert!(asked["DELETE"] > 2, "{asked:?}");
}

async fn two_sweeps_at_once_remove_each_row_once<DB: Database>() {
    let (own, store) = halfway::<DB>(MANY).await;
    let other = own.node().await.clock(Clock::manual());
    let (one, two) = tokio::join!(store.clear_expired(), other.clear_expired());
    assert_eq!(one.unwrap() + two.unwrap(), MANY as u64);
    assert_eq!(own.count().await, MANY);
}

async fn a_reaper_counts_what_it_removes_and_stops_when_it_is_dropped<DB: Database>() {
    let (own, store) = halfway::<DB>(MANY).await;
    let reaper = store.reaper(MILLISECOND);
    until("all are removed", async || (reaper.removed() == MANY as u64).then_some(())).await;
    assert_eq!(own.count().await, MANY);
    drop(reaper);
    own.rows("UPDATE sessions SET expires = 0").await;
    // Each time is as long as the span after which a reaper comes again, and longer.
    for _ in 0..100 {
        assert_eq!(own.count().await, MANY);
    }
}

async fn a_reaper_goes_on_when_the_table_is_there_again<DB: Database>() {
    let (own, store) = halfway::<DB>(10).await;
    own.rows("ALTER TABLE sessions RENAME TO away").await;
    let logs = Logs::capture();
    let reaper = store.reaper(MILLISECOND);
    until("a sweep fails", async || logs.text().contains("were not removed").then_some(())).await;
    own.rows("ALTER TABLE away RENAME TO sessions").await;
    until("all are removed", async || (reaper.removed() == 10).then_some(())).await;
}

/// In a runtime in which there is nothing else.
#[test]
fn reapers_that_come_as_good_as_never_live_until_they_are_dropped() {
    let [of_store, of_reapers] = [(); 2].map(|()| Builder::new_current_thread().enable_all().build().unwrap());
    let store = of_store.block_on(SqliteStore::connect(":memory:")).unwrap();
    of_reapers.block_on(async {
        let alive = || Handle::current().metrics().num_alive_tasks();
        let reapers: Vec<_> = iter::repeat_with(|| store.reaper(Duration::MAX)).take(20).collect();
        yield_now().await;
        assert_eq!(alive(), 20);
        drop(reapers);
        until("they have ended", async || (alive() == 0).then_some(())).await;
    });
}

/// A sweep that waits for a table which somebody has locked, while its reaper is dropped.
async fn ends_after_a_batch<DB: Database>(lock: &str, waits: &str) {
    let (own, store) = halfway::<DB>(MANY).await;
    let held = own.hold(lock).await;
    let reaper = store.reaper(MILLISECOND);
    until("a sweep waits", async || (own.value(waits).await == "1").then_some(())).await;
    drop(reaper);
    drop(held);
    until("a batch is removed", async || (own.count().await < 2 * MANY).then_some(())).await;
    let left = own.count().await;
    assert!(left > MANY, "{left}");
    // Each time is as long as it takes to remove more.
    for _ in 0..20 {
        assert_eq!(own.count().await, left);
    }
}

#[tokio::test]
async fn a_reaper_of_postgres_that_is_dropped_ends_the_batch_that_is_under_way() {
    let waits = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    ends_after_a_batch::<sqlx::Postgres>("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE", waits).await;
}

#[tokio::test]
async fn a_reaper_of_mariadb_that_is_dropped_ends_the_batch_that_is_under_way() {
    let waits = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'Waiting for table metadata lock'";
    ends_after_a_batch::<sqlx::MySql>("LOCK TABLES sessions WRITE", waits).await;
}

/// A reaper of a server that is killed, and started anew.
async fn survives<DB: Database>(url: String, kill: impl Fn(), restart: impl Fn()) {
    let own = Own::<DB>::at("survives".to_owned(), url);
    let clock = Clock::manual();
    let store = own.store().await.clock(clock.clone());
    fill(&own, 10, &clock).await;
    let logs = Logs::capture();
    kill();
    let reaper = store.reaper(MILLISECOND);
    until("a sweep fails", async || logs.text().contains("were not removed").then_some(())).await;
    restart();
    until("all are removed", async || (reaper.removed() == 10).then_some(())).await;
}

#[tokio::test]
async fn a_reaper_goes_on_when_postgres_is_there_again() {
    let server = Postgres::durable().unwrap();
    survives::<sqlx::Postgres>(server.url(), || server.kill().unwrap(), || server.restart().unwrap()).await;
}

#[tokio::test]
async fn a_reaper_goes_on_when_mariadb_is_there_again() {
    let server = MariaDb::durable().unwrap();
    survives::<sqlx::MySql>(server.url(), || server.kill().unwrap(), || server.restart().unwrap()).await;
}

/// While somebody holds a row that has ended, a sweep removes the others at once, and requests get whatever row they ask for.
async fn goes_round<DB: Database>() {
    let (own, store) = halfway::<DB>(100).await;
    let held = own.hold(format!("SELECT * FROM sessions WHERE id = {} FOR UPDATE", DB::KEY.replace('i', "50"))).await;
    let removed = in_time(SOON, store.clear_expired()).await;
    assert_eq!((removed.unwrap(), own.count().await), (99, 101));
    for number in [10, 90, 150] {
        let key = key_of(number);
        in_time(SOON, store.remove(&key)).await.unwrap();
    }
    drop(held);
    until("the last is removed", async || (store.clear_expired().await.unwrap() == 1).then_some(())).await;
}

/// The bytes of a number, as in the table.
fn key_of(number: u8) -> StoreKey {
    let mut bytes = [0; 32];
    bytes[31] = number;
    StoreKey::from_bytes(bytes)
}

#[tokio::test]
async fn no_sweep_of_postgres_waits_for_a_locked_row() {
    goes_round::<sqlx::Postgres>().await;
}

#[tokio::test]
async fn no_sweep_of_mariadb_waits_for_a_locked_row() {
    goes_round::<sqlx::MySql>().await;
}
