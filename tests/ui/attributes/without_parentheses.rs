use session_runtime::Session;

#[derive(Session)]
#[session = "visits"]
struct Visits {
    hits: u32,
}

fn main() {}
