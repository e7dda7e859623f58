use session_runtime::Session;

#[derive(Session)]
#[session(namespace = web)]
struct Visits {
    #[session(rename = 3)]
    hits: u32,
}

fn main() {}
