use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(namespace = "web")]
    hits: u32,
    #[session(name = "n")]
    last: u32,
}

fn main() {}
