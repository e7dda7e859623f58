use session_runtime::{Session, session};

#[session(namespace = "web")]
#[derive(Session)]
struct Visits {
    hits: u32,
}

fn main() {}
