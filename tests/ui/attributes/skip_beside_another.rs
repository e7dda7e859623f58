use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(skip, rename = "n", copy)]
    hits: u32,
}

fn main() {}
