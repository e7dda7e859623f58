//! Requests whose clients go away in the middle of a call to the store, among others over the same connection.

use std::pin::pin;
use std::task::Poll;

use tokio::task::JoinSet;

use super::started;
use crate::support::Guest;

const CLIENTS: u32 = 64;
const REQUESTS: u32 = 40;

#[tokio::test]
async fn every_answer_belongs_to_its_request() {
    let (_server, guest) = started().await;
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(client(guest.other(), number));
    }
    let dropped: u32 = clients.join_all().await.into_iter().sum();
    println!("{dropped} of {} requests were dropped", CLIENTS * REQUESTS);
    assert!(dropped > CLIENTS, "{dropped} were dropped");
}

/// A client that drops some of its requests after some steps; how many.
async fn client(mut guest: Guest, number: u32) -> u32 {
    let own = format!(": {number}");
    guest.see(&format!("/note/{number}")).await;
    let (mut hits, mut maybe, mut dropped) = (0, 0, 0);
    for request in 0..REQUESTS {
        let steps = (number + request) % 5;
        let path = if request % 2 == 0 { "/read" } else { "/hit" };
        // It takes nothing of an answer that it dropped.
        let mut passing = guest.clone();
        match dropped_after(steps, passing.see(path)).await {
            Some(seen) => assert!(seen.ends_with(&own), "client {number} was shown {seen}"),
            None => dropped += 1,
        }
        // Whether a hit that was dropped is done nobody can tell before the next is seen.
        maybe += u32::from(path == "/hit");
        let seen = guest.see("/hit").await;
        assert!(seen.ends_with(&own), "client {number} was shown {seen}");
        let now: u32 = seen.split(' ').next().expect("hits").parse().expect("a number");
        assert!((hits + 1..=hits + 1 + maybe).contains(&now), "{now} hits after {hits}");
        (hits, maybe) = (now, 0);
    }
    dropped
}

/// What a future comes to, unless it is still waiting after so many steps.
async fn dropped_after<F: Future>(steps: u32, future: F) -> Option<F::Output> {
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
