use session_runtime::Session;

#[derive(Session)]
#[session(rename_all = "camel_case")]
struct Visits {
    hits: u32,
}

fn main() {}
