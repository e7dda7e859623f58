use session_runtime::Session;

#[derive(Session)]
enum Visits {
    None,
    Some(u32),
}

fn read(_: &Session<Visits>) {}

fn main() {}
