//! A crate that re-exports the runtime, whose users do not name it.
#![deny(warnings)]

mod framework {
    pub mod session {
        pub use ::session_runtime::*;
    }
}

use framework::session::{Session, session};

#[derive(Session)]
#[session(crate = framework::session)]
struct Visits {
    hits: u32,
}

#[session(autoload, crate = crate::framework::session)]
async fn count(visits: &mut Session<Visits>) -> String {
    visits.set_hits(visits.hits() + 1);
    visits.hits().to_string()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(count));
}
