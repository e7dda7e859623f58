use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>, body: &str, page: Option<&mut [u8]>) -> String {
    visits.set_hits(1);
    format!("{body} {page:?}")
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(count));
}
