//! Several typed sessions of one request that change the same field.

use session_runtime::{Session, SessionHandle};
use session_tests::{Visitor, load};

use super::{Tally, hits, read, visitor};

/// The same stored fields, without a merge.
#[derive(Session)]
struct Plain {
    hits: u32,
}

/// How many hits a session of five has after this.
async fn after<F>(act: impl FnOnce(SessionHandle) -> F + Send + 'static) -> u32
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut visitor = visitor(|tally| tally.set_hits(5)).await;
    assert!(visitor.act(act).await.status.is_success());
    hits(&mut visitor).await
}

fn add(tally: &mut Session<Tally>) {
    *tally.hits_mut() += 1;
}

#[tokio::test]
async fn two_that_each_add_one_add_two_in_whatever_order_they_are_dropped() {
    for first_is_dropped_first in [true, false] {
        let hits = after(async move |handle| {
            let (mut first, mut second) = (load::<Tally>(&handle).await, load::<Tally>(&handle).await);
            add(&mut first);
            add(&mut second);
            if first_is_dropped_first {
                drop(first);
            } else {
                drop(second);
            }
        });
        assert_eq!(hits.await, 7);
    }
}

#[tokio::test]
async fn one_that_was_opened_after_another_was_dropped_goes_on_from_there() {
    let hits = after(async |handle| {
        add(&mut load::<Tally>(&handle).await);
        let mut second = load::<Tally>(&handle).await;
        assert_eq!(second.hits(), 6);
        add(&mut second);
    });
    assert_eq!(hits.await, 7);
}

#[tokio::test]
async fn many_that_overlap_all_count() {
    let hits = after(async |handle| {
        let mut outer = load::<Tally>(&handle).await;
        for _ in 0..10 {
            let mut inner = load::<Tally>(&handle).await;
            add(&mut inner);
            add(&mut outer);
        }
    });
    assert_eq!(hits.await, 25);
}

#[tokio::test]
async fn what_one_has_saved_counts_beside_what_another_adds() {
    let hits = after(async |handle| {
        let mut outer = load::<Tally>(&handle).await;
        add(&mut outer);
        let mut inner = load::<Tally>(&handle).await;
        add(&mut inner);
        inner.save().await.expect("saved");
        assert_eq!(inner.hits(), 6);
        add(&mut inner);
        inner.save().await.expect("saved");
        drop(inner);
        outer.save().await.expect("saved");
        assert_eq!(outer.hits(), 8, "what was saved is what is stored");
        add(&mut outer);
    });
    assert_eq!(hits.await, 9);
}

#[tokio::test]
async fn a_save_takes_along_what_was_deposited_and_counts_both() {
    let hits = after(async |handle| {
        let (mut first, mut second) = (load::<Tally>(&handle).await, load::<Tally>(&handle).await);
        add(&mut first);
        drop(first);
        add(&mut second);
        second.save().await.expect("saved");
        assert_eq!(second.hits(), 7);
    });
    assert_eq!(hits.await, 7);
}

#[tokio::test]
async fn a_value_that_was_set_without_a_merge_is_what_is_added_to() {
    let hits = after(async |handle| {
        let mut tally = load::<Tally>(&handle).await;
        load::<Plain>(&handle).await.set_hits(100);
        add(&mut tally);
    });
    assert_eq!(hits.await, 101);
}

#[tokio::test]
async fn a_value_that_is_set_without_a_merge_replaces_what_was_added() {
    let hits = after(async |handle| {
        let mut plain = load::<Plain>(&handle).await;
        add(&mut load::<Tally>(&handle).await);
        plain.set_hits(100);
    });
    assert_eq!(hits.await, 100);
}

#[tokio::test]
async fn additions_to_a_new_session_all_count() {
    let mut visitor = Visitor::through(session_runtime::SessionLayer::new(session_runtime::MemoryStore::new()));
    visitor
        .act(async |handle: SessionHandle| {
            let (mut first, mut second) = (load::<Tally>(&handle).await, load::<Tally>(&handle).await);
            add(&mut first);
            add(&mut second);
            second.tags_mut().push("b".to_owned());
            first.tags_mut().push("a".to_owned());
        })
        .await;
    assert_eq!(hits(&mut visitor).await, 2);
    assert_eq!(read(&mut visitor, |tally| tally.tags().len()).await, 2);
}

#[tokio::test]
async fn sessions_without_a_layer_count_as_well() {
    let handle = SessionHandle::detached();
    let mut first = handle.get::<Tally>().expect("a session");
    let mut second = handle.get::<Tally>().expect("a session");
    add(&mut first);
    add(&mut second);
    drop((first, second));
    let mut tally = handle.get::<Tally>().expect("a session");
    assert_eq!(tally.hits(), 2);
    add(&mut tally);
    tally.save().await.expect("saved");
    assert_eq!(handle.get::<Tally>().expect("a session").hits(), 3);
}
