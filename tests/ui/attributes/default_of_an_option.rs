use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(default = Some(3))]
    hits: Option<u32>,
}

fn main() {}
