use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[session(autoload)]
async fn count(visits: &mut Visits) -> String {
    visits.hits += 1;
    visits.hits.to_string()
}

fn main() {}
