//! What every way to keep sessions promises: the numbered lines that ask nothing of a record on the server, over each of them.

mod ends;
mod headers;
mod life;
mod secrets;

use session_tests::{Keeping, Kept};

/// A cookie as this application makes them, which it did not make: of another application, and so of other keys and another store.
async fn foreign(keeping: Keeping) -> String {
    let mut other = Kept::new(keeping);
    other.get("/update?some=foreign").await;
    other.held()
}
