use axum::response::IntoResponse;
use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    page: &'static str,
    pages: Vec<u8>,
}

#[session(autoload)]
async fn page(visits: &mut Session<Visits>) -> impl IntoResponse {
    *visits.page()
}

fn main() {}
