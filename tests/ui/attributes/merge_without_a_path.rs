//! A merge is one of the known words, or a path.

use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(merge)]
    hits: u32,
    #[session(merge = "sum")]
    more: u32,
    #[session(merge = |_, theirs, _| theirs)]
    most: u32,
    #[session(skip, merge = sum)]
    none: u32,
}

fn main() {}
