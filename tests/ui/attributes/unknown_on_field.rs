use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(index = HashMap::<u8, u8>::new(), flag)]
    hits: u32,
}

fn main() {}
