//! The strictest of crates: no lint speaks of generated code, and none was allowed for it.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(missing_debug_implementations, unreachable_pub, unused_qualifications)]
#![forbid(unused, unsafe_code)]

use session_runtime::{Session, session};

/// What is kept of a visitor.
#[derive(Session, Debug)]
pub struct Visits {
    hits: u32,
    /// Where the visitor was.
    pub page: Option<String>,
    #[session(default = Vec::new())]
    pages: Vec<String>,
    #[session(default = first_name())]
    name: String,
    #[session(copy)]
    place: (u8, u8),
    #[session(copy)]
    former: Option<(u8, u8)>,
    #[session(principal)]
    user: Option<u64>,
    from_page: Option<u8>,
    into_cart: bool,
    new: u8,
    default: u8,
    next: char,
}

fn first_name() -> String {
    String::from("nobody")
}

#[derive(Session)]
struct Nothing;

#[session(autoload)]
async fn count(visits: &mut Session<Visits>, nothing: &Session<Nothing>) -> String {
    visits.set_hits(visits.hits() + 1);
    format!("{} {:?}", visits.hits(), nothing.origin())
}

#[session(autoload)]
async fn read(_visits: &Session<Visits>, _: Option<&mut Session<Nothing>>, _body: String) {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(count).post(read));
}
