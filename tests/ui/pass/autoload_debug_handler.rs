use axum::extract::Path;
use axum::routing::get;
use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

/// Counts.
#[session(autoload)]
#[axum::debug_handler]
async fn count(visits: &mut Session<Visits>, Path(step): Path<u32>, body: String) -> Result<String, String> {
    visits.set_hits(visits.hits() + step);
    tokio::task::yield_now().await;
    if body.is_empty() {
        return Err(body);
    }
    Ok(visits.hits().to_string())
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/{step}", get(count));
}
