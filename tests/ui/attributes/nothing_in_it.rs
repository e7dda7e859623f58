use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session]
    hits: u32,
}

fn main() {}
