use session_runtime::Session;

struct Visits {
    hits: u32,
}

fn read(_: &Session<Visits>) {}

fn main() {
    let _ = Visits { hits: 1 }.hits;
}
