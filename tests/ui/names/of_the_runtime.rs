use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(rename = "@hits")]
    hits: u32,
}

#[derive(Session)]
#[session(namespace = "@web")]
struct Cart {
    items: u32,
    owner: u32,
}

fn main() {}
