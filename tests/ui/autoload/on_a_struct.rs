use session_runtime::session;

#[session(autoload)]
struct Visits {
    hits: u32,
}

fn main() {
    let _ = Visits { hits: 1 };
}
