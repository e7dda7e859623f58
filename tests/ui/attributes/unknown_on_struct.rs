use session_runtime::Session;

#[derive(Session)]
#[session(table = "visits")]
struct Visits {
    hits: u32,
}

fn main() {}
