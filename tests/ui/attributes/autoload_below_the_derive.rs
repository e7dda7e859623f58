use session_runtime::Session;

#[derive(Session)]
#[session(autoload)]
struct Visits {
    hits: u32,
}

fn main() {}
