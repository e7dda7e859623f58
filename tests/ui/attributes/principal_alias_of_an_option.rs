use session_runtime::Session;

type Maybe = Option<u64>;

#[derive(Session)]
struct Login {
    #[session(principal)]
    user: Maybe,
}

fn main() {}
