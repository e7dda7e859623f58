use session_runtime::Session;

#[derive(Default)]
struct Item;

#[derive(Session)]
struct Cart {
    item: Item,
}

fn main() {}
