use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(default = "home")]
    page: String,
}

fn main() {}
