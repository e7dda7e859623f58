use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(copy rename = "n")]
    hits: u32,
}

fn main() {}
