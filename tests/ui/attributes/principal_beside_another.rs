//! Words that every field can have but the one that says whose session it is.

use session_runtime::Session;

#[derive(Session)]
struct Login {
    #[session(principal, ttl = "10m")]
    user: Option<u64>,
}

#[derive(Session)]
struct Sealed {
    #[session(sealed, principal)]
    user: Option<u64>,
}

#[derive(Session)]
struct Merged {
    #[session(principal, merge = sum)]
    user: Option<u64>,
}

#[derive(Session)]
struct Skipped {
    #[session(principal, skip)]
    user: Option<u64>,
}

fn main() {}
