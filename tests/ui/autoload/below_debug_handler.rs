use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[axum::debug_handler]
#[session(autoload)]
async fn count(visits: &mut Session<Visits>) -> String {
    visits.hits().to_string()
}

fn main() {}
