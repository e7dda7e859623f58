use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) {
    tokio::spawn(async move { visits.set_hits(1) });
}

fn main() {}
