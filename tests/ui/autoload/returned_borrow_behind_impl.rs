use axum::response::IntoResponse;
use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    page: String,
}

#[session(autoload)]
async fn page(visits: &mut Session<Visits>) -> impl IntoResponse {
    std::borrow::Cow::Borrowed(visits.page().as_str())
}

fn main() {}
