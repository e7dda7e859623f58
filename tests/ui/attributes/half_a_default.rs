use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(default = 1 +, rename = 2)]
    hits: u32,
}

fn main() {}
