use session_runtime::{Session, session};

#[derive(Session)]
enum Visits {
    None,
    Some(u32),
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) {
    visits.set_some(1);
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(count));
}
