use session_runtime::Session;

#[derive(Session)]
#[session(namespace = "")]
struct Visits {
    #[session(rename = "")]
    hits: u32,
}

fn main() {}
