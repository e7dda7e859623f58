//! What counts as a change of a field, and what of it is written.

mod bound;
mod lifecycle;
mod quotes;
mod rollout;
mod sealed;
mod timed;
mod unordered;
mod vectors;

use serde::{Deserialize, Serialize};
use session_runtime::{Clock, Expiry, Session, SessionLayer};
use std::time::Duration;

use session_tests::{Scripted, Visitor, load};

#[derive(Session)]
struct Profile {
    hits: u32,
    name: Option<String>,
    tags: Vec<String>,
    home: Address,
    #[session(default = 20)]
    page_size: u16,
}

#[derive(Serialize, Deserialize, Default, Clone, PartialEq, Debug)]
struct Address {
    city: String,
    lines: Vec<String>,
}

/// A store with one session of these fields, and a visitor who holds it.
async fn planted(fields: &[(&'static str, &[u8])]) -> (Scripted, Visitor, String) {
    let store = Scripted::default();
    let id = store.plant(fields).await;
    let visitor = Visitor::of(&store).holding(&id);
    (store, visitor, id)
}

#[tokio::test]
async fn t12_reading_writes_nothing() {
    let (store, mut visitor, _) = planted(&[("hits", b"3")]).await;
    let answer = visitor
        .visit::<Profile>(|profile| {
            assert_eq!(profile.hits(), 3);
            assert_eq!(profile.page_size(), 20);
            assert_eq!(profile.name(), None);
        })
        .await;
    assert_eq!(store.asked(), "load");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn lent_and_unchanged_in_bytes_is_not_written() {
    let (store, mut visitor, _) = planted(&[("hits", b"3"), ("tags", br#"["a"]"#)]).await;
    visitor
        .visit::<Profile>(|profile| {
            *profile.hits_mut() += 1;
            *profile.hits_mut() -= 1;
            profile.tags_mut().push("b".to_owned());
            profile.tags_mut().pop();
            assert!(!profile.is_modified());
            assert_eq!(profile.changed_fields(), Vec::<&str>::new());
        })
        .await;
    assert_eq!(store.asked(), "load");
}

#[tokio::test]
async fn a_mutation_deep_inside_a_lent_field_is_written() {
    let home: &[u8] = br#"{"city":"Graz","lines":["a"]}"#;
    let (store, mut visitor, _) = planted(&[("home", home), ("hits", b"3")]).await;
    visitor
        .visit::<Profile>(|profile| {
            profile.home_mut().lines[0].push('b');
            assert_eq!(profile.changed_fields(), ["home"]);
        })
        .await;
    assert_eq!(store.asked(), r#"load; update home={"city":"Graz","lines":["ab"]}"#);
}

#[tokio::test]
async fn lent_and_absent_and_still_the_default_creates_nothing() {
    let store = Scripted::default();
    let answer = Visitor::of(&store)
        .visit::<Profile>(|profile| {
            *profile.hits_mut() += 0;
            profile.tags_mut().clear();
            profile.name_mut().take();
            let _ = profile.page_size_mut();
            let _ = profile.home_mut();
            assert!(!profile.is_modified());
        })
        .await;
    assert_eq!(store.asked(), "");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn lent_and_absent_and_changed_is_written_alone() {
    let store = Scripted::default();
    Visitor::of(&store)
        .visit::<Profile>(|profile| {
            *profile.page_size_mut() += 1;
            let _ = profile.tags_mut();
        })
        .await;
    assert_eq!(store.asked(), "insert page_size=21");
}

#[tokio::test]
async fn set_to_the_default_is_written() {
    let store = Scripted::default();
    Visitor::of(&store)
        .visit::<Profile>(|profile| {
            profile.set_hits(0);
            profile.set_page_size(20);
            profile.set_tags(Vec::new());
            profile.set_name("");
        })
        .await;
    assert_eq!(store.asked(), r#"insert hits=0 name="" page_size=20 tags=[]"#);
}

#[tokio::test]
async fn set_to_what_is_stored_is_not_written() {
    let (store, mut visitor, _) = planted(&[("hits", b"3"), ("name", br#""Ada""#)]).await;
    visitor
        .visit::<Profile>(|profile| {
            profile.set_hits(3);
            profile.set_name("Ada");
            assert!(!profile.is_modified());
        })
        .await;
    assert_eq!(store.asked(), "load");
}

#[tokio::test]
async fn set_and_then_lent_counts_as_set() {
    let store = Scripted::default();
    Visitor::of(&store)
        .visit::<Profile>(|profile| {
            profile.set_hits(1);
            *profile.hits_mut() -= 1;
        })
        .await;
    assert_eq!(store.asked(), "insert hits=0");
}

#[tokio::test]
async fn clearing_or_taking_what_is_absent_creates_nothing() {
    let store = Scripted::default();
    let answer = Visitor::of(&store)
        .visit::<Profile>(|profile| {
            profile.clear_name();
            assert_eq!(profile.take_name(), None);
        })
        .await;
    assert_eq!(store.asked(), "");
    assert!(answer.set_cookies().is_empty());

    let (store, mut visitor, _) = planted(&[("hits", b"3")]).await;
    visitor
        .visit::<Profile>(|profile| {
            assert_eq!(profile.take_name(), None);
            profile.clear_name();
        })
        .await;
    assert_eq!(store.asked(), "load");
}

#[tokio::test]
async fn t16_taking_or_clearing_what_is_there_removes_it() {
    let fields: [(&str, &[u8]); 2] = [("hits", b"3"), ("name", br#""Ada""#)];
    let (store, mut visitor, id) = planted(&fields).await;
    visitor
        .visit::<Profile>(|profile| {
            assert_eq!(profile.take_name().as_deref(), Some("Ada"));
            assert_eq!(profile.name(), None);
            assert_eq!(profile.changed_fields(), ["name"]);
        })
        .await;
    assert_eq!(store.asked(), "load; update name=-");
    assert_eq!(store.fields(&id).await, "hits=3");

    let (store, mut visitor, _) = planted(&fields).await;
    visitor.visit::<Profile>(Session::<Profile>::clear_name).await;
    assert_eq!(store.asked(), "load; update name=-");
}

#[tokio::test]
async fn set_and_taken_in_one_request_leaves_no_trace() {
    let store = Scripted::default();
    Visitor::of(&store)
        .visit::<Profile>(|profile| {
            profile.set_name("Ada");
            assert_eq!(profile.take_name().as_deref(), Some("Ada"));
        })
        .await;
    assert_eq!(store.asked(), "");
}

#[tokio::test]
async fn only_the_fields_that_changed_travel() {
    let (store, mut visitor, id) =
        planted(&[("hits", b"3"), ("name", br#""Ada""#), ("tags", br#"["a"]"#), ("page_size", b"50")]).await;
    visitor
        .visit::<Profile>(|profile| {
            *profile.hits_mut() += 1;
            let _ = profile.tags_mut();
            profile.set_page_size(50);
            profile.clear_name();
            assert_eq!(profile.changed_fields(), ["hits", "name"]);
        })
        .await;
    assert_eq!(store.asked(), "load; update hits=4 name=-");
    assert_eq!(store.fields(&id).await, r#"hits=4 page_size=50 tags=["a"]"#);
}

#[tokio::test]
async fn parallel_changes_of_different_fields_both_survive() {
    let (store, visitor, id) = planted(&[("hits", b"3")]).await;
    let both_loaded = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    let first = {
        let both_loaded = both_loaded.clone();
        visitor.start(async move |handle| {
            let mut profile = load::<Profile>(&handle).await;
            both_loaded.wait().await;
            profile.set_name("Ada");
        })
    };
    let second = visitor.start(async move |handle| {
        let mut profile = load::<Profile>(&handle).await;
        both_loaded.wait().await;
        *profile.hits_mut() += 1;
    });
    first.await.expect("an answer");
    second.await.expect("an answer");
    assert_eq!(store.fields(&id).await, r#"hits=4 name="Ada""#);
}

#[tokio::test]
async fn a_due_extension_travels_with_a_change_in_one_write() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let layer = SessionLayer::new(store.clone()).clock(clock.clone()).expiry(Expiry::idle(Duration::from_secs(100)));
    let mut visitor = Visitor::through(layer);
    visitor.visit::<Profile>(|profile| profile.set_hits(1)).await;
    clock.advance(Duration::from_secs(50));
    let answer = visitor.visit::<Profile>(|profile| profile.set_hits(2)).await;
    assert_eq!(store.asked(), "insert hits=1; load; update hits=2");
    assert!(answer.set_cookies()[0].contains("Max-Age=100"));
}
