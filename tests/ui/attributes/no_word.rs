use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session("n")]
    hits: u32,
}

fn main() {}
