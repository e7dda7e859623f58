//! `Session` is a derive and a type, `session` a helper and a macro: a glob imports all four.
#![deny(warnings)]

use session_runtime::*;

#[derive(Session)]
#[session(namespace = "web")]
struct Visits {
    #[session(copy)]
    hits: u32,
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) {
    visits.set_hits(1);
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(count));
}
