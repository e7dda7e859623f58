//! Calls that are given up.

use std::pin::pin;
use std::task::Poll;

use tokio::task::JoinSet;

use super::{Guest, Timed};

const CLIENTS: u32 = 64;
const REQUESTS: u32 = 40;

/// Makes requests of many clients at once, some of which go away in the middle of a call to the store: each of the others is answered with what
/// is its own.
pub async fn fickle_clients<S: Timed>(guest: &Guest<S>) {
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(client(guest.other(), number));
    }
    let dropped: u32 = clients.join_all().await.into_iter().sum();
    println!("{dropped} of {} requests were dropped", CLIENTS * REQUESTS);
    assert!(dropped > CLIENTS, "{dropped} were dropped");
}

/// A client that drops some of its requests after some steps; how many.
async fn client<S: Timed>(mut guest: Guest<S>, number: u32) -> u32 {
    let own = format!(": {number}");
    guest.see(&format!("/note/{number}")).await;
    let (mut hits, mut maybe, mut before, mut dropped) = (0, 0, 0, 0);
    for request in 0..REQUESTS {
        let steps = (number + request) % 5;
        let path = if request % 2 == 0 { "/read" } else { "/hit" };
        // It takes nothing of an answer that it dropped.
        let mut passing = guest.clone();
        match dropped_after(steps, passing.see(path)).await {
            Some(seen) => assert!(seen.ends_with(&own), "client {number} was shown {seen}"),
            None => dropped += 1,
        }
        // Whether a hit that was dropped is done nobody can tell before the next but one has loaded: it may come between a load and its commit.
        maybe += u32::from(path == "/hit");
        let seen = guest.see("/hit").await;
        assert!(seen.ends_with(&own), "client {number} was shown {seen}");
        let now: u32 = seen.split(' ').next().expect("hits").parse().expect("a number");
        assert!((hits + 1..=hits + 1 + maybe + before).contains(&now), "{now} hits after {hits}");
        (hits, maybe, before) = (now, 0, maybe);
    }
    dropped
}

/// What a future comes to, unless it is still waiting after so many steps.
pub async fn dropped_after<F: Future>(steps: u32, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = steps;
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}
