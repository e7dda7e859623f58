use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(copy = true)]
    hits: u32,
    #[session(skip(serializing))]
    last: u32,
}

fn main() {}
