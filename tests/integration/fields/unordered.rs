//! Maps and sets without an order: every decoded copy of the same value encodes in an order of its own.

use std::collections::{HashMap, HashSet};

use session_runtime::{Bincode, MessagePack, Session};

use session_tests::{Scripted, Visitor};

const ENTRIES: u32 = 64;

#[derive(Session)]
struct Unordered {
    map: HashMap<String, u32>,
    set: HashSet<u32>,
    #[session(serializer = MessagePack)]
    packed_map: HashMap<String, u32>,
    #[session(serializer = MessagePack)]
    packed_set: HashSet<u32>,
    #[session(serializer = Bincode)]
    small_map: HashMap<String, u32>,
    #[session(serializer = Bincode)]
    small_set: HashSet<u32>,
}

const FIELDS: [&str; 6] = ["map", "set", "packed_map", "packed_set", "small_map", "small_set"];

/// Adds this entry to each field.
fn add(session: &mut Session<Unordered>, entry: u32) {
    session.map_mut().insert(entry.to_string(), entry);
    session.set_mut().insert(entry);
    session.packed_map_mut().insert(entry.to_string(), entry);
    session.packed_set_mut().insert(entry);
    session.small_map_mut().insert(entry.to_string(), entry);
    session.small_set_mut().insert(entry);
}

/// Whether each field holds so many entries.
fn holds(session: &Session<Unordered>, count: usize) -> bool {
    let maps = [session.map(), session.packed_map(), session.small_map()];
    let sets = [session.set(), session.packed_set(), session.small_set()];
    maps.map(HashMap::len) == [count; 3] && sets.map(HashSet::len) == [count; 3]
}

/// A store with a session of many entries in each field, and the visitor who holds it.
async fn filled() -> (Scripted, Visitor) {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    visitor.visit::<Unordered>(|session| (0..ENTRIES).for_each(|entry| add(session, entry))).await;
    assert!(store.asked().starts_with("insert"));
    (store, visitor)
}

#[tokio::test]
async fn a_map_without_an_order_that_is_lent_and_not_changed_is_not_written() {
    let (store, mut visitor) = filled().await;
    for _ in 0..4 {
        visitor
            .visit::<Unordered>(|session| {
                (0..ENTRIES).for_each(|entry| add(session, entry));
                assert!(!session.is_modified(), "{:?}", session.changed_fields());
            })
            .await;
        assert_eq!(store.asked(), "load");
    }
}

#[tokio::test]
async fn a_map_without_an_order_that_is_lent_and_changed_is_written() {
    let (store, mut visitor) = filled().await;
    visitor
        .visit::<Unordered>(|session| {
            add(session, ENTRIES);
            assert_eq!(session.changed_fields(), FIELDS);
        })
        .await;
    assert!(store.asked().starts_with("load; update"));
    visitor.visit::<Unordered>(|session| assert!(holds(session, 65))).await;
    visitor
        .visit::<Unordered>(|session| {
            session.map_mut().insert("3".to_owned(), 4);
            assert!(session.packed_set_mut().remove(&5));
            assert_eq!(session.changed_fields(), ["map", "packed_set"]);
        })
        .await;
    visitor.visit::<Unordered>(|session| assert_eq!(session.map()["3"], 4)).await;
}
