//! What only sessions in the cookie itself promise: that they fit, how they are packed, and which of them are refused.

mod copies;
mod late;
mod packing;
mod rejected;
mod size;

use session_runtime::{Clock, CookieStore, Key, SessionLayer};

use session_tests::Visitor;

fn key() -> Key {
    Key::generate().expect("random bytes")
}

/// A visitor of an application that keeps its sessions here, and the application's clock.
fn visitor(store: CookieStore, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> (Visitor, Clock) {
    let clock = Clock::manual();
    let layer = configure(SessionLayer::new(store).clock(clock.clone()));
    (Visitor::to(session_tests::routes().merge(Visitor::routes()).layer(layer)), clock)
}

/// A value of so many characters that no compression makes much smaller.
fn noise(length: usize) -> String {
    let mut dice = session_tests::Dice::new(length as u64);
    (0..length).map(|_| char::from(b'#' + u8::try_from(dice.below(56)).expect("a small number"))).collect()
}
