use session_runtime::session;

struct Handlers;

#[session(autoload)]
impl Handlers {}

fn main() {}
