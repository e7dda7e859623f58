//! Two hundred sign-ins of one user at once, under a limit of three: security line 21.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::Evict;
use session_tests::{Accounts, Keeping, Visitor};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const CROWD: usize = 200;

macro_rules! over_every_server_side_store_at_once {
    ($($store:ident $keeping:ident),+ $(,)?) => {
        $(
            mod $store {
                use session_tests::Keeping;

                #[tokio::test(flavor = "multi_thread")]
                async fn s21_of_a_crowd_the_last_three_stay() {
                    super::s21_of_a_crowd_the_last_three_stay(Keeping::$keeping).await;
                }

                #[tokio::test(flavor = "multi_thread")]
                async fn s21_of_a_crowd_three_are_let_in() {
                    super::s21_of_a_crowd_three_are_let_in(Keeping::$keeping).await;
                }

                #[tokio::test(flavor = "multi_thread")]
                async fn s21_of_a_crowd_one_stays() {
                    super::s21_of_a_crowd_one_stays(Keeping::$keeping).await;
                }
            }
        )+
    };
}

over_every_server_side_store_at_once!(
    memory_store Memory,
    redis_store Redis,
    sqlite_store Sqlite,
    postgres_store Postgres,
    mariadb_store MariaDb,
    signed_ids SignedIds,
);

/// How many of them are on their way at a time, where each takes a connection to a server.
const AT_ONCE: usize = 16;

/// The application, whose sign-ins may take their time.
fn limited(keeping: Keeping, most: usize, evict: Evict) -> Accounts {
    Accounts::with(keeping, |layer| layer.limit(most, evict).store_timeout(Duration::from_mins(2)))
}

/// Signs user 7 in from so many browsers at once; those that were not refused, of which some may have been told of no session: others came after
/// them.
async fn rush(accounts: &Accounts) -> Vec<Visitor> {
    let in_memory = matches!(accounts.keeping, Keeping::Memory | Keeping::SignedIds);
    let door = Arc::new(Semaphore::new(if in_memory { CROWD } else { AT_ONCE }));
    let mut signing_in = JoinSet::new();
    for _ in 0..CROWD {
        let (mut visitor, door) = (accounts.another(), door.clone());
        signing_in.spawn(async move {
            let _place = door.acquire().await.expect("an open door");
            (visitor.sign_in(7).await, visitor)
        });
    }
    let mut let_in = Vec::new();
    for (answer, visitor) in signing_in.join_all().await {
        match answer.status {
            StatusCode::OK => let_in.push(visitor),
            status => {
                assert_eq!(status, StatusCode::FORBIDDEN, "{}", answer.text());
                assert!(answer.sets_no_cookie());
            }
        }
    }
    let_in
}

/// Those whose sessions live.
async fn signed_in(visitors: Vec<Visitor>) -> Vec<Visitor> {
    let mut signed_in = Vec::new();
    for mut visitor in visitors {
        if visitor.sees().await == "7, 0 in the cart" {
            signed_in.push(visitor);
        }
    }
    signed_in
}

async fn s21_of_a_crowd_the_last_three_stay(keeping: Keeping) {
    let accounts = limited(keeping, 3, Evict::Oldest);
    let let_in = rush(&accounts).await;
    assert_eq!(let_in.len(), CROWD, "nobody is refused");
    assert_eq!((accounts.count(7).await, signed_in(let_in).await.len()), (3, 3));
}

async fn s21_of_a_crowd_three_are_let_in(keeping: Keeping) {
    let accounts = limited(keeping, 3, Evict::Deny);
    let let_in = rush(&accounts).await;
    assert_eq!((accounts.count(7).await, signed_in(let_in).await.len()), (3, 3));
}

/// Whoever signs in twice by accident, from two windows, say, is not signed out of both.
async fn s21_of_a_crowd_one_stays(keeping: Keeping) {
    let accounts = limited(keeping, 1, Evict::Oldest);
    let let_in = rush(&accounts).await;
    assert_eq!((accounts.count(7).await, signed_in(let_in).await.len()), (1, 1));
}
