//! What is sealed is sealed with the layer's keys.

use session_runtime::Session;

#[derive(Session)]
struct Account {
    #[session(sealed = "key")]
    token: Option<String>,
    #[session(sealed, skip)]
    cache: Option<String>,
}

fn main() {}
