use std::cell::Cell;

use session_runtime::Session;

#[derive(Session)]
struct Visits {
    hits: Cell<u32>,
}

fn main() {}
