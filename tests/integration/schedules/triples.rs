//! Three requests, of the kinds that get into each other's way the most.

use super::act::Act;
use super::run::Start;
use super::{World, explore, merging, swapping};

/// What ends a session, what gives it another id, and what writes to it and sends its cookie.
const ENDS_AND_NAMES: [Act; 6] =
    [Act::ExtendAndWriteA, Act::Clear, Act::SignInAndAdd, Act::RotateAndWriteB, Act::SignOut, Act::Switch];

/// What writes more than once, an addition, and one of each of the others.
const WRITES: [Act; 5] = [Act::SaveAThenWriteB, Act::Add, Act::SaveSignInThenWriteB, Act::Rotate, Act::SignOut];

/// What conflicts in a store that swaps whole sessions.
const CONFLICTS: [Act; 5] = [Act::WriteA, Act::Add, Act::Clear, Act::SignIn, Act::SignOut];

fn triples(kinds: &[Act]) -> impl Iterator<Item = Vec<Act>> {
    (0..kinds.len()).flat_map(move |first| {
        (first..kinds.len())
            .flat_map(move |second| kinds[second..].iter().map(move |third| vec![kinds[first], kinds[second], *third]))
    })
}

#[test]
fn three_requests_that_end_or_rename_a_session() {
    let world = World::new(merging, Start::SignedIn);
    explore("three requests that end or rename a session", 5_000, &world, triples(&ENDS_AND_NAMES));
}

#[test]
fn three_requests_that_write_to_a_session() {
    let world = World::new(merging, Start::SignedIn);
    explore("three requests that write to a session", 5_000, &world, triples(&WRITES));
}

#[test]
fn three_requests_to_a_session_that_is_swapped_whole() {
    let world = World::new(swapping, Start::SignedIn);
    explore("three requests to a session that is swapped", 4_000, &world, triples(&CONFLICTS));
}
