use session_runtime::Session;

struct Log;

#[derive(Session)]
#[session(name = "Log")]
struct Visits {}

fn main() {}
