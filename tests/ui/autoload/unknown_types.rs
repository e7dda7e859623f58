use axum::extract::Path;
use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    page: String,
}

#[session(autoload)]
async fn page(visits: &mut Session<Visits>, Path(number): Path<Number>) -> Paeg {
    visits.page().clone() + &number.to_string()
}

#[session(autoload)]
async fn unknown_schema(visits: &mut Session<Visit>) -> String {
    visits.page().clone()
}

fn main() {}
