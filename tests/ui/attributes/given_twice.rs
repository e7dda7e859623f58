use session_runtime::{Json, Session};

#[derive(Session)]
#[session(serializer = Json, serializer = Json)]
struct Visits {
    #[session(rename = "n")]
    #[session(rename = "m")]
    hits: u32,
    #[session(copy, copy)]
    last: u32,
}

fn main() {}
