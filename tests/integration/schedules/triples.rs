//! Three requests, of the kinds that get into each other's way the most.

use super::act::Act;
use super::run::Start;
use super::{explore, merging, swapping};

/// What ends a session, what gives it another id, and what writes to it.
const ENDS_AND_NAMES: [Act; 6] =
    [Act::ExtendAndWriteA, Act::Clear, Act::SignIn, Act::SaveSignInThenWriteB, Act::SignOut, Act::Switch];

/// What writes to a session, one end of it, and one other id.
const WRITES: [Act; 5] = [Act::WriteA, Act::WriteB, Act::Clear, Act::SignIn, Act::SignOut];

fn triples(kinds: &[Act]) -> impl Iterator<Item = Vec<Act>> {
    (0..kinds.len()).flat_map(move |first| {
        (first..kinds.len())
            .flat_map(move |second| kinds[second..].iter().map(move |third| vec![kinds[first], kinds[second], *third]))
    })
}

#[test]
fn three_requests_to_a_session() {
    explore("three requests to a session", 20_000, merging, Start::SignedIn, triples(&ENDS_AND_NAMES));
}

#[test]
fn three_requests_to_a_session_that_is_swapped_whole() {
    explore("three requests to a session, swapped", 4_000, swapping, Start::SignedIn, triples(&WRITES));
}
