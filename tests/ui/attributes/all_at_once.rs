use session_runtime::{Session, session};

#[derive(Session)]
#[session(rename_all = "camel", colour = "red")]
struct Visits {
    #[session(rename = 1, copy = 2)]
    hits: u32,
    #[session(default = 3)]
    last: Option<u32>,
    page: &'static str,
    id: u64,
}

// Seven mistakes, seven errors: what uses the schema is not blamed.
#[session(autoload)]
async fn count(visits: &mut Session<Visits>) -> String {
    visits.set_hits(visits.hits() + 1);
    visits.set_last(3);
    visits.set_id(4);
    format!("{} {:?} {}", visits.hits(), visits.last(), visits.page())
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(count));
}
