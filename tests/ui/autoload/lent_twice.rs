use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[session(autoload)]
async fn both(a: &mut Session<Visits>, b: &mut Session<Visits>) {
    a.set_hits(b.hits());
}

#[session(autoload)]
async fn one(a: &Session<Visits>, b: Option<&mut Session<Visits>>) {
    b.unwrap().set_hits(a.hits());
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(both).post(one));
}
