use session_runtime::Session;

#[derive(Session)]
struct Visits {
    hits: u32,
    hits: u32,
}

fn main() {}
