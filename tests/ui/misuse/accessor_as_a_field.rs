use session_runtime::Session;

#[derive(Session)]
struct Visits {
    hits: u32,
}

fn count(visits: &mut Session<Visits>) {
    visits.hits += 1;
}

fn main() {}
