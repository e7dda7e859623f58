use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    page: String,
}

#[session(autoload)]
async fn page<'a>(visits: &'a Session<Visits>) -> String {
    visits.page().clone()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(page));
}
