use session_runtime::Session;

#[derive(Session)]
struct Visits<'a> {
    page: std::borrow::Cow<'a, str>,
}

fn main() {}
