//! Calls that are given up at each of their steps, as those are whose clients go away: a session is as before or as after, and whoever uses
//! the connection next is told nothing of it.

use std::time::Duration;

use session_runtime::SqliteStore;
use session_runtime::store::{SqlDatabase, SqlStore};
use session_tests::proxy::Proxy;
use session_tests::{Guest, dropped_after, fickle_clients, in_time};
use sqlx::{Pool, Sqlite};

use super::scene::{CALLS, Call, Scene};
use super::{CONNECTIONS, over};
use crate::support::{Server, fill, idle, new_file, pooled};

over_servers!(
    a_call_that_is_given_up_is_done_or_not_and_the_next_knows_nothing_of_it,
    every_answer_belongs_to_its_request,
);

const LIMIT: Duration = Duration::from_secs(10);

/// By way of a proxy, which cannot answer before it is waited for: each step of a call is one.
async fn a_call_that_is_given_up_is_done_or_not_and_the_next_knows_nothing_of_it<S: Server>() {
    let server = S::start();
    let proxy = Proxy::to(server.port()).await;
    let url = proxy.instead_of(&server.url());
    let given_up = given_up_everywhere(async || {
        let (store, pool) = pooled::<S::DB>(&url, 1).await;
        (store, Some(pool))
    });
    assert!(given_up.await >= 2 * CALLS.len(), "each call waits for its answer");
}

#[tokio::test]
async fn a_call_to_a_file_that_is_given_up_is_done_or_not_and_the_next_knows_nothing_of_it() {
    let file = new_file().display().to_string();
    SqliteStore::connect(&file).await.expect("a file").migrate().await.expect("a table");
    given_up_everywhere(async || (SqliteStore::connect(&file).await.expect("a file"), None)).await;
}

#[tokio::test]
async fn nor_is_one_over_a_pool_of_the_applications() {
    let url = format!("sqlite:{}?mode=rwc", new_file().display());
    given_up_everywhere(async || {
        let (store, pool) = pooled::<Sqlite>(&url, 1).await;
        (store, Some(pool))
    })
    .await;
}

/// Gives up each call after one step, two, three, until it is done before; over connections that know its statements, and that do not. Each
/// time over other connections. How often a call was given up.
async fn given_up_everywhere<DB: SqlDatabase>(connect: impl AsyncFn() -> (SqlStore<DB>, Option<Pool<DB>>)) -> usize {
    let (beside, _) = connect().await;
    let mut given_up = 0;
    for (call, is_known) in CALLS.into_iter().flat_map(|call| [(call, false), (call, true)]) {
        for steps in 0.. {
            let (store, pool) = connect().await;
            if is_known {
                Scene::of(call, &store).await.call(&store).await.expect("done");
            }
            let scene = Scene::of(call, &beside).await;
            let is_done = dropped_after(steps, scene.call(&store)).await.map(|done| done.expect("done")).is_some();
            let what = format!("{call:?} given up after {steps} steps, of which it knows: {is_known}");
            in_time(LIMIT, whole_after(&scene, is_done, (&store, &beside), &what)).await;
            if let Some(pool) = &pool {
                in_time(LIMIT, fill(pool)).await;
                pool.close().await;
            }
            if is_done {
                break;
            }
            given_up += 1;
        }
    }
    given_up
}

/// What is there after a call, by the store that was asked and by one beside it; and whether the first still does what it says.
async fn whole_after<DB: SqlDatabase>(
    scene: &Scene,
    is_done: bool,
    (store, beside): (&SqlStore<DB>, &SqlStore<DB>),
    what: &str,
) {
    let [before, after] = scene.expected();
    let other = Scene::of(Call::Update, store).await;
    other.call(store).await.expect(what);
    for store in [beside, store] {
        assert_eq!(other.seen(store).await, other.expected()[1], "another session, {what}");
        let seen = scene.seen(store).await;
        assert!(seen == after || (!is_done && seen == before), "{seen:?}, {what}");
    }
    scene.call(store).await.expect(what);
    assert_eq!(scene.seen(beside).await, after, "repeated, {what}");
}

async fn every_answer_belongs_to_its_request<S: Server>() {
    let server = S::start();
    let (guest, pool) = over(&server, CONNECTIONS).await;
    fickle_clients(&guest).await;
    idle(&pool).await;
    in_time(LIMIT, fill(&pool)).await;
}

#[tokio::test]
async fn every_answer_of_a_file_belongs_to_its_request() {
    let store = SqliteStore::connect(new_file().display().to_string()).await.expect("a file");
    store.migrate().await.expect("a table");
    fickle_clients(&Guest::over(store)).await;
}
