//! What becomes of an alias of an `Option` that is not written out, but put into another.

use session_runtime::Session;

type Maybe = Option<u64>;

#[derive(Session)]
struct Login {
    #[session(principal)]
    user: Option<Maybe>,
}

fn main() {}
