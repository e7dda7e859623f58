use session_runtime::Session;

#[derive(Session)]
#[session(name = "Visits")]
struct Visits {
    hits: u32,
}

fn main() {}
