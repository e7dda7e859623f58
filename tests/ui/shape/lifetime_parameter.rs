use session_runtime::Session;

#[derive(Session)]
struct Visits<'a> {
    page: std::borrow::Cow<'a, str>,
}

fn page(visits: &Session<Visits<'static>>) -> String {
    visits.page().to_string()
}

fn main() {}
