use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(accessor = "page-hits")]
    hits: u32,
    #[session(accessor = "self")]
    last: u32,
}

fn main() {}
