use session_runtime::Session;

#[derive(Session)]
struct Visits {
    hits: u32,
    #[session(rename = "hits")]
    last: u32,
    #[session(rename = "first")]
    oldest: u32,
    first: u32,
}

fn main() {}
