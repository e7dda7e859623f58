use session_runtime::Session;

#[derive(Session)]
#[session(namespace)]
struct Visits {
    #[session(rename)]
    hits: u32,
    #[session(rename = )]
    first: u32,
    #[session(rename("n"))]
    last: u32,
}

fn main() {}
