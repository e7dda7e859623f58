//! What a request knows of its session, and what becomes of it at the request's end.

mod destroyed;
mod doors;
mod failures;
mod overtaken;
mod races;
mod saved;
mod several;

use session_runtime::Session;

use session_tests::{Scripted, Visitor};

#[derive(Session)]
struct Account {
    user: Option<u32>,
    hits: u32,
    flash: Option<String>,
}

#[derive(Session)]
#[session(namespace = "cart")]
struct Cart {
    items: Vec<u32>,
}

/// A store with one session of these fields, and a visitor who holds it.
async fn planted(fields: &[(&'static str, &[u8])]) -> (Scripted, Visitor, String) {
    let store = Scripted::default();
    let id = store.plant(fields).await;
    let visitor = Visitor::of(&store).holding(&id);
    (store, visitor, id)
}
