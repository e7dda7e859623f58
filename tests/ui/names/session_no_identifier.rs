use session_runtime::Session;

#[derive(Session)]
#[session(name = "My Visits")]
struct Visits {
    hits: u32,
}

fn main() {}
