use session_runtime::Session;

struct Item;

#[derive(Session)]
struct Cart {
    items: Vec<Item>,
}

fn main() {}
