use session_runtime::Session;

#[derive(Session)]
#[session(copy, rename = "v")]
struct Visits {
    hits: u32,
}

fn main() {}
