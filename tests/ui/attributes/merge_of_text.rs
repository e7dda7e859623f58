//! A sum of something that is no number.

use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(merge = sum)]
    name: String,
    #[session(merge = sum)]
    count: Option<u32>,
    #[session(merge = union)]
    tags: String,
    #[session(merge = max)]
    best: Best,
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Best;

fn main() {}
