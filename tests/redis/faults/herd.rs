//! Thousands of requests at once, while the server is away, and comes.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use tokio::task::JoinSet;

use super::started;
use crate::support::{Guest, in_time};

const HERD: usize = 3_000;
const LIMIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn each_is_served_or_503_and_none_hangs() {
    let (server, guest) = started().await;
    server.kill().expect("killed");
    let mut herd = JoinSet::new();
    for number in 0..HERD {
        // Half of them know at once that the server is away, the others come while it does.
        if number == HERD / 2 {
            server.restart().expect("restarted");
        }
        herd.spawn(one(guest.other()));
        tokio::task::yield_now().await;
    }
    let outcomes = in_time(2 * LIMIT, herd.join_all()).await;
    let done = outcomes.iter().filter(|served| **served).count();
    println!("{done} of {HERD} were served");
    assert!((HERD / 2..HERD).contains(&done), "{done} were served");
    assert_eq!(super::order(&server, &["DBSIZE"]), done.to_string(), "each that was served has its session, no other");
}

/// Whether a visitor's request was served.
async fn one(mut guest: Guest) -> bool {
    let began = Instant::now();
    let answer = guest.get("/hit").await;
    assert!(began.elapsed() < 2 * LIMIT);
    match answer.status {
        StatusCode::OK => true,
        status => {
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
            false
        }
    }
}
