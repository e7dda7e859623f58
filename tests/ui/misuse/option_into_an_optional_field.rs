use session_runtime::Session;

#[derive(Session)]
struct Visits {
    page: Option<String>,
}

fn set(visits: &mut Session<Visits>) {
    visits.set_page(Some(String::new()));
}

fn main() {}
