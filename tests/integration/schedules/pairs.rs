//! Two requests of every kind.

use super::act::{ALL, Act};
use super::run::Start;
use super::{explore, merging, swapping};

fn pairs() -> impl Iterator<Item = Vec<Act>> {
    (0..ALL.len()).flat_map(|first| ALL[first..].iter().map(move |second| vec![ALL[first], *second]))
}

#[test]
fn two_requests_to_a_session() {
    explore("two requests to a session", 700, merging, Start::SignedIn, pairs());
    explore("two requests to a session, swapped", 700, swapping, Start::SignedIn, pairs());
}

#[test]
fn two_requests_to_a_session_that_holds_one_field() {
    explore("two requests to one field", 700, merging, Start::Flash, pairs());
    explore("two requests to one field, swapped", 700, swapping, Start::Flash, pairs());
}

#[test]
fn two_requests_of_a_client_without_a_session() {
    explore("two requests of nobody", 100, merging, Start::Nobody, pairs());
}
