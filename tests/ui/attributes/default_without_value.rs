use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(default)]
    hits: u32,
}

fn main() {}
