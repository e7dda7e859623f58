use session_runtime::Session;

#[derive(Session)]
struct Visits(u32, String);

fn read(_: &Session<Visits>) {}

fn main() {}
