use session_runtime::{Session, session};

#[derive(Session)]
struct Visits<T: Clone, const N: usize> {
    hits: T,
    last: [u8; N],
}

// What uses it is not blamed.
#[session(autoload)]
async fn count(visits: &mut Session<Visits<u32, 3>>) -> String {
    visits.set_hits(visits.hits() + 1);
    visits.hits().to_string()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(count));
}
