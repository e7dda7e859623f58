use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(accessor = "n")]
    hits: u32,
    #[session(accessor = "n")]
    last: u32,
}

fn main() {}
