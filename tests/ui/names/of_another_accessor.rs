use session_runtime::Session;

#[derive(Session)]
struct Visits {
    hits: u32,
    hits_mut: u32,
    set_hits: u32,
    page: Option<u32>,
    take_page: u32,
}

fn main() {}
