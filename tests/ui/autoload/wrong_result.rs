use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) -> String {
    visits.hits()
}

#[session(autoload)]
async fn nothing(visits: &mut Session<Visits>) -> String {
    visits.set_hits(1);
}

#[session(autoload)]
async fn something(visits: &mut Session<Visits>) {
    visits.hits()
}

#[session(autoload)]
async fn no_result(visits: &mut Session<Visits>) {
    visits.save().await?;
}

fn main() {}
