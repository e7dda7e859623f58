use session_runtime::Session;

#[derive(Session)]
struct Login {
    #[session(principal)]
    user: Option<u64>,
    #[session(principal)]
    admin: Option<u64>,
}

fn main() {}
