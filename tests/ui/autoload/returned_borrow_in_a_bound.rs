use axum::response::IntoResponse;
use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    page: String,
}

#[session(autoload)]
async fn page(visits: &mut Session<Visits>) -> impl IntoResponse + '_ {
    visits.page().clone()
}

fn main() {}
