use session_runtime::Session;

#[derive(Session)]
struct Login {
    #[session(principal = "user")]
    user: Option<u64>,
}

fn main() {}
