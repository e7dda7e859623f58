use session_runtime::Session;

#[derive(Session)]
#[session(serializer = "Bincode", crate = "session_runtime")]
struct Visits {
    hits: u32,
}

fn main() {}
