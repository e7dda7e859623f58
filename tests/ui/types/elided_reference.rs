use session_runtime::Session;

#[derive(Session)]
struct Visits {
    page: &str,
}

fn main() {}
