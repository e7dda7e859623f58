use session_runtime::Session;

#[derive(Session)]
#[session(renameall = "camelCase")]
struct Visits {
    #[session(serialiser = Bincode)]
    hits: u32,
}

fn main() {}
