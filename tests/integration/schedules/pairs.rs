//! Two requests of every kind.

use super::act::{ALL, Act};
use super::run::Start;
use super::servers::{cluster, postgres, redis, sqlite};
use super::{Cookies, World, explore, merging, swapping};

fn pairs() -> impl Iterator<Item = Vec<Act>> {
    (0..ALL.len()).flat_map(|first| ALL[first..].iter().map(move |second| vec![ALL[first], *second]))
}

#[test]
fn two_requests_to_a_session() {
    explore("two requests to a session", 1300, &World::new(merging, Start::SignedIn), pairs());
    explore("two requests to a session, swapped", 1300, &World::new(swapping, Start::SignedIn), pairs());
}

#[test]
fn two_requests_to_a_session_that_holds_one_field() {
    explore("two requests to one field", 1300, &World::new(merging, Start::Flash), pairs());
    explore("two requests to one field, swapped", 1300, &World::new(swapping, Start::Flash), pairs());
}

#[test]
fn two_requests_with_a_cookie_of_the_window() {
    let world = World::new(merging, Start::SignedIn).cookies(Cookies::OfTheWindow);
    explore("two requests with a cookie of the window", 1200, &world, pairs());
}

#[test]
fn two_requests_of_a_client_without_a_session() {
    explore("two requests of nobody", 300, &World::new(merging, Start::Nobody), pairs());
}

#[test]
fn two_requests_to_a_session_in_redis() {
    let world = World::new(redis, Start::SignedIn).on_server();
    explore("two requests, in Redis", 1300, &world, pairs());
}

#[test]
fn two_requests_with_a_cookie_of_the_window_in_redis() {
    let world = World::new(redis, Start::SignedIn).cookies(Cookies::OfTheWindow).on_server();
    explore("two requests with a cookie of the window, in Redis", 1200, &world, pairs());
}

#[test]
fn two_requests_to_a_session_in_a_cluster() {
    let world = World::new(cluster, Start::SignedIn).on_server();
    explore("two requests, in a cluster", 1300, &world, pairs());
}

#[test]
fn two_requests_to_a_session_in_sqlite() {
    let world = World::new(sqlite, Start::SignedIn).on_server();
    explore("two requests, in SQLite", 1600, &world, pairs());
}

#[test]
fn two_requests_to_a_session_in_postgres() {
    let world = World::new(postgres, Start::SignedIn).on_server();
    explore("two requests, in PostgreSQL", 1600, &world, pairs());
}
