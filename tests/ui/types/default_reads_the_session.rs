use session_runtime::Session;

#[derive(Session)]
struct Visits {
    hits: u32,
    #[session(default = hits + 1)]
    next: u32,
}

fn main() {}
