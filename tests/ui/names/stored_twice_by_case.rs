use session_runtime::Session;

#[derive(Session)]
#[session(rename_all = "camelCase", namespace = "web")]
struct Visits {
    last_hit: u32,
    last__hit: u32,
}

fn main() {}
