use session_runtime::Session;

#[derive(Session)]
struct Visits {
    lifetime: u32,
}

fn main() {}
