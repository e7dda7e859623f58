use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(copy)]
    page: String,
}

fn main() {}
