//! A time is whole numbers, each with its unit.

use session_runtime::Session;

#[derive(Session)]
struct Login {
    #[session(ttl = "10 minutes")]
    spaced: Option<String>,
    #[session(ttl = "10")]
    bare: Option<String>,
    #[session(ttl = "0s")]
    none: Option<String>,
    #[session(ttl = 600)]
    number: Option<String>,
    #[session(ttl)]
    nothing: Option<String>,
}

fn main() {}
