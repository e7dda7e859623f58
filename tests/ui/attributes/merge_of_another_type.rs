//! A merge whose signature is not that of its field.

use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(merge = longer)]
    hits: u32,
    #[session(merge = of_two)]
    name: String,
    #[session(merge = missing)]
    tags: Vec<String>,
}

fn longer(_: &String, theirs: String, ours: String) -> String {
    if theirs.len() > ours.len() { theirs } else { ours }
}

fn of_two(theirs: String, _: String) -> String {
    theirs
}

fn main() {}
