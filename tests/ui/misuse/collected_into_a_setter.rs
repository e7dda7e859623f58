use session_runtime::Session;

#[derive(Session)]
struct Visits {
    pages: Vec<String>,
}

fn set(visits: &mut Session<Visits>) {
    visits.set_pages(["a"].into_iter().map(String::from).collect());
}

fn main() {}
