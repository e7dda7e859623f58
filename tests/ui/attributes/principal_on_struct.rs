use session_runtime::Session;

#[derive(Session)]
#[session(principal = user)]
struct Login {
    user: Option<u64>,
}

fn main() {}
