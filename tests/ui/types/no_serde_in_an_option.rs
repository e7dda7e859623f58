use session_runtime::Session;

struct Item;

#[derive(Session)]
struct Cart {
    last: Option<Item>,
}

fn main() {}
