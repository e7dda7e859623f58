//! What two requests at once make of one field.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use session_runtime::{Bincode, MemoryStore, MessagePack, Schema, Session, SessionHandle, SessionLayer};
use session_tests::{CountingStore, Gate, Scripted, Visitor, load};

use super::{Tally, hits, race, read, visitor};

#[tokio::test]
async fn additions_of_two_requests_both_count() {
    let mut visitor = visitor(|tally| tally.set_hits(5)).await;
    race(&mut visitor, |tally| *tally.hits_mut() += 1, |tally| tally.set_hits(tally.hits() + 10)).await;
    assert_eq!(hits(&mut visitor).await, 16);
}

#[tokio::test]
async fn additions_to_a_field_that_is_not_stored_yet_both_count() {
    let mut visitor = visitor(|tally| tally.set_note("begun")).await;
    race(&mut visitor, |tally| *tally.hits_mut() += 1, |tally| *tally.hits_mut() += 1).await;
    assert_eq!(hits(&mut visitor).await, 2);
}

#[tokio::test]
async fn what_was_spent_twice_is_spent_twice_and_never_less_than_nothing() {
    let mut visitor = visitor(|tally| tally.set_hits(5)).await;
    race(&mut visitor, |tally| *tally.hits_mut() -= 4, |tally| *tally.hits_mut() -= 4).await;
    assert_eq!(hits(&mut visitor).await, 0);
}

#[tokio::test]
async fn what_either_request_added_to_a_union_is_there_and_what_either_removed_is_gone() {
    let mut visitor = visitor(|tally| tally.set_tags(["a", "b", "c"].map(String::from))).await;
    race(
        &mut visitor,
        |tally| {
            tally.tags_mut().retain(|tag| tag != "a");
            tally.tags_mut().push("d".to_owned());
        },
        |tally| {
            tally.tags_mut().retain(|tag| tag != "b");
            tally.tags_mut().extend(["d".to_owned(), "e".to_owned()]);
        },
    )
    .await;
    assert_eq!(read(&mut visitor, |tally| tally.tags().clone()).await, ["c", "d", "e"]);
}

fn start_anew(tally: &mut Session<Tally>) {
    tally.clear();
    tally.set_note("anew");
}

#[tokio::test]
async fn a_field_that_is_cleared_is_cleared_whatever_came_before() {
    let mut visitor = visitor(|tally| tally.set_hits(5)).await;
    race(&mut visitor, |tally| *tally.hits_mut() += 1, start_anew).await;
    assert_eq!(hits(&mut visitor).await, 0);
}

#[tokio::test]
async fn what_is_added_after_a_field_was_cleared_counts_from_nothing() {
    let mut visitor = visitor(|tally| tally.set_hits(5)).await;
    race(&mut visitor, start_anew, |tally| *tally.hits_mut() += 1).await;
    assert_eq!(hits(&mut visitor).await, 1);
}

#[tokio::test]
async fn two_requests_that_clear_leave_nothing() {
    let store = Scripted::default();
    let id = store.plant(&[("hits", b"5")]).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    race(&mut visitor, Session::<Tally>::clear, Session::<Tally>::clear).await;
    assert_eq!(store.len(), 0);
}

/// Where one changed it alone, its own value stays.
fn never<T>(_: &T, _: T, _: T) -> T {
    panic!("nothing to merge")
}

fn longest(base: &String, theirs: String, ours: String) -> String {
    assert_eq!(base, "one");
    if theirs.len() > ours.len() { theirs } else { ours }
}

#[derive(Session)]
#[session(serializer = MessagePack)]
struct Kinds {
    #[session(merge = max)]
    best: f64,
    #[session(merge = min)]
    first: Option<u64>,
    #[session(merge = union, serializer = Bincode)]
    seen: HashSet<u32>,
    #[session(merge = union)]
    order: BTreeSet<String>,
    #[session(merge = union)]
    cart: BTreeMap<u32, u32>,
    #[session(merge = union)]
    prices: HashMap<String, f64>,
    #[session(merge = longest, default = "one".to_owned())]
    text: String,
    #[session(merge = never)]
    alone: u32,
}

#[tokio::test]
async fn each_kind_of_merge_makes_one_of_two_changes() {
    let mut visitor = Visitor::through(SessionLayer::new(MemoryStore::new()));
    visitor.visit::<Kinds>(|kinds| kinds.set_first(5_u64)).await;
    let gate = Gate::default();
    let inside = gate.clone();
    let slow = visitor.start(async move |handle: SessionHandle| {
        let mut kinds = load::<Kinds>(&handle).await;
        inside.pass().await;
        kinds.set_best(0.5);
        kinds.set_first(4_u64);
        kinds.seen_mut().insert(2);
        kinds.order_mut().insert("b".to_owned());
        kinds.cart_mut().extend([(1, 2), (2, 2)]);
        kinds.prices_mut().insert("b".to_owned(), 2.5);
        kinds.set_text("four");
    });
    gate.arrived().await;
    visitor
        .visit::<Kinds>(|kinds| {
            kinds.set_best(1.5);
            kinds.set_first(3_u64);
            kinds.seen_mut().insert(1);
            kinds.order_mut().insert("a".to_owned());
            kinds.cart_mut().extend([(1, 1), (3, 1)]);
            kinds.prices_mut().insert("a".to_owned(), 1.5);
            kinds.set_text("three");
            kinds.set_alone(1);
        })
        .await;
    gate.open();
    assert!(slow.await.expect("an answer").status.is_success());
    visitor
        .visit::<Kinds>(|kinds| {
            assert!(kinds.best().total_cmp(&1.5).is_eq());
            assert_eq!(kinds.first(), Some(3));
            assert_eq!(*kinds.seen(), HashSet::from([1, 2]));
            assert_eq!(*kinds.order(), BTreeSet::from(["a", "b"].map(String::from)));
            assert_eq!(*kinds.cart(), BTreeMap::from([(1, 2), (2, 2), (3, 1)]), "of one key, the last");
            assert_eq!(kinds.prices().len(), 2);
            assert_eq!((kinds.text().as_str(), kinds.alone()), ("three", 1));
        })
        .await;
}

/// The update calls of two requests at once.
async fn updates<T: Schema>(act: fn(&mut Session<T>)) -> String {
    let store = CountingStore::new(MemoryStore::new());
    let mut visitor = Visitor::through(SessionLayer::new(store.clone()));
    visitor.visit::<Kinds>(|kinds| kinds.set_first(1_u64)).await;
    let gate = Gate::default();
    let inside = gate.clone();
    let slow = visitor.start(async move |handle: SessionHandle| {
        let mut session = load::<T>(&handle).await;
        inside.pass().await;
        act(&mut session);
    });
    gate.arrived().await;
    visitor.visit::<T>(act).await;
    gate.open();
    slow.await.expect("an answer");
    store.calls().to_string()
}

#[tokio::test]
async fn only_an_update_of_a_field_with_a_merge_can_conflict() {
    assert_eq!(updates::<Tally>(|tally| tally.set_note("note")).await, "2 load, 1 insert, 2 update");
    assert_eq!(updates::<Tally>(|tally| *tally.hits_mut() += 1).await, "2 load, 1 insert, 3 update");
}

#[tokio::test]
async fn fields_beside_a_merged_one_are_written_as_ever() {
    let mut visitor = visitor(|tally| tally.set_hits(5)).await;
    race(
        &mut visitor,
        |tally| {
            tally.set_hits(6);
            tally.set_note("first");
        },
        |tally| {
            tally.set_hits(7);
            tally.set_note("second");
        },
    )
    .await;
    assert_eq!(read(&mut visitor, |tally| (tally.hits(), tally.note().clone())).await, (8, "second".to_owned()));
}

#[tokio::test]
async fn what_others_left_undecodable_counts_as_the_default() {
    let store = Scripted::default();
    let id = store.plant(&[("hits", b"5")]).await;
    let visitor = Visitor::of(&store).holding(&id);
    let gate = Gate::default();
    let inside = gate.clone();
    let slow = visitor.start(async move |handle: SessionHandle| {
        let mut tally = load::<Tally>(&handle).await;
        inside.pass().await;
        *tally.hits_mut() += 2;
    });
    gate.arrived().await;
    store.change(&id, &[("hits", b"\"many\"")]).await;
    gate.open();
    assert!(slow.await.expect("an answer").status.is_success());
    assert_eq!(store.fields(&id).await, "hits=2");
}

/// A double-clicked sign-in: the second request's session ended while it ran, and it begins one of its own.
#[tokio::test]
async fn a_session_that_begins_anew_counts_only_what_its_request_added() {
    let store = Scripted::default();
    let id = store.plant(&[("hits", b"5"), ("tags", b"[\"a\"]"), ("note", b"\"old\"")]).await;
    let visitor = Visitor::of(&store).holding(&id);
    let gate = Gate::default();
    let inside = gate.clone();
    let slow = visitor.start(async move |handle: SessionHandle| {
        let mut tally = load::<Tally>(&handle).await;
        inside.pass().await;
        tally.regenerate_id();
        *tally.hits_mut() += 1;
        tally.tags_mut().push("b".to_owned());
    });
    gate.arrived().await;
    store.end(&id).await;
    gate.open();
    let answer = slow.await.expect("an answer");
    let mut visitor = Visitor::of(&store);
    visitor.take(&answer);
    assert_eq!(store.fields(&visitor.held()).await, "hits=1 tags=[\"b\"]");
}
