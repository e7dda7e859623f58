use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(on_mismatch = "panic")]
    hits: u32,
}

fn main() {}
