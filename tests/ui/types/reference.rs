use session_runtime::Session;

#[derive(Session)]
struct Visits {
    page: &'static str,
    pages: Option<&'static [u8]>,
    last: &'static u32,
}

fn main() {}
