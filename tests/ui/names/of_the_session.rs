use session_runtime::Session;

#[derive(Session)]
struct Visits {
    id: u32,
    save: bool,
    clone: String,
}

fn main() {}
