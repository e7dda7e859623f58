use session_runtime::Session;

#[derive(Session)]
struct Visits {
    hits: u32,
}

async fn count(visits: &mut Session<Visits>) -> String {
    visits.hits().to_string()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(count));
}
