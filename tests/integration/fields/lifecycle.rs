//! The methods of a session that touch its fields.

use session_runtime::{Origin, Session, SessionHandle};
use session_tests::{Scripted, Visitor, load};

use super::{Address, Profile, planted};

fn a_profile() -> Profile {
    Profile { hits: 9, name: None, tags: vec!["x".to_owned()], home: Address::default(), page_size: 20 }
}

#[tokio::test]
async fn a_snapshot_shows_this_requests_changes_over_what_is_stored() {
    let (store, mut visitor, _) = planted(&[("hits", b"3"), ("name", br#""Ada""#)]).await;
    visitor
        .visit::<Profile>(|profile| {
            profile.set_name("Bob");
            profile.tags_mut().push("a".to_owned());
            let Profile { hits, name, tags, home, page_size } = profile.snapshot();
            assert_eq!((hits, name.as_deref(), page_size), (3, Some("Bob"), 20));
            assert_eq!((tags, home), (vec!["a".to_owned()], Address::default()));
            profile.discard();
        })
        .await;
    assert_eq!(store.asked(), "load", "a snapshot changes nothing");
}

#[tokio::test]
async fn replace_sets_every_field() {
    let (store, mut visitor, id) =
        planted(&[("hits", b"3"), ("name", br#""Ada""#), ("tags", br#"["x"]"#), ("foreign", b"1")]).await;
    visitor.visit::<Profile>(|profile| profile.replace(a_profile())).await;
    assert_eq!(store.asked(), r#"load; update hits=9 home={"city":"","lines":[]} name=- page_size=20"#);
    assert!(store.fields(&id).await.contains("foreign=1"));
}

#[tokio::test]
async fn t44_discard_forgets_the_changes() {
    let (store, mut visitor, id) = planted(&[("hits", b"3")]).await;
    let answer = visitor
        .visit::<Profile>(|profile| {
            *profile.hits_mut() = 7;
            profile.set_name("Ada");
            profile.regenerate_id();
            assert!(profile.is_modified());
            profile.discard();
            assert!(!profile.is_modified());
            assert_eq!((profile.hits(), profile.name()), (3, None));
        })
        .await;
    assert_eq!(store.asked(), "load");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(visitor.held(), id);
}

#[tokio::test]
async fn what_follows_a_discard_is_written() {
    let (store, mut visitor, _) = planted(&[("hits", b"3")]).await;
    visitor
        .visit::<Profile>(|profile| {
            profile.set_name("Ada");
            profile.discard();
            *profile.hits_mut() += 1;
        })
        .await;
    assert_eq!(store.asked(), "load; update hits=4");
}

#[tokio::test]
async fn t09_clear_ends_a_session_of_which_nothing_is_left() {
    let (store, mut visitor, id) = planted(&[("hits", b"3"), ("name", br#""Ada""#)]).await;
    let answer = visitor
        .visit::<Profile>(|profile| {
            profile.clear();
            assert_eq!((profile.hits(), profile.name()), (0, None));
        })
        .await;
    assert_eq!(store.asked(), "load; update hits=- name=-");
    assert_eq!(store.fields(&id).await, "(none)");
    assert!(answer.set_cookies()[0].contains("Max-Age=0"));
    assert_eq!(visitor.id(), None);
}

#[tokio::test]
async fn clear_leaves_what_belongs_to_another_schema() {
    let (store, mut visitor, id) = planted(&[("hits", b"3"), ("foreign", b"1")]).await;
    let answer = visitor.visit::<Profile>(Session::<Profile>::clear).await;
    assert_eq!(store.fields(&id).await, "foreign=1");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn clear_without_a_session_creates_nothing() {
    let store = Scripted::default();
    let answer = Visitor::of(&store)
        .visit::<Profile>(|profile| {
            profile.set_hits(1);
            profile.clear();
            assert!(!profile.is_modified());
        })
        .await;
    assert_eq!(store.asked(), "");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn what_follows_a_clear_is_written() {
    let (store, mut visitor, _) = planted(&[("hits", b"3"), ("name", br#""Ada""#)]).await;
    let answer = visitor
        .visit::<Profile>(|profile| {
            profile.clear();
            *profile.hits_mut() += 1;
            assert_eq!(profile.hits(), 1, "counted from the default");
            let _ = profile.name_mut();
        })
        .await;
    assert_eq!(store.asked(), "load; update hits=1 name=-");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn t16_a_field_that_is_set_after_a_clear_is_written_even_to_the_default() {
    let (store, mut visitor, id) = planted(&[("hits", b"3"), ("tags", b"[]")]).await;
    visitor
        .visit::<Profile>(|profile| {
            profile.clear();
            profile.set_hits(0);
        })
        .await;
    assert_eq!(store.fields(&id).await, "hits=0");
}

#[tokio::test]
async fn reload_sees_what_others_stored_and_forgets_this_requests_changes() {
    let (store, mut visitor, id) = planted(&[("hits", b"3")]).await;
    let elsewhere = (store.clone(), id);
    visitor
        .act(async move |handle: SessionHandle| {
            let mut profile = load::<Profile>(&handle).await;
            *profile.hits_mut() = 100;
            let (store, id) = elsewhere;
            store.change(&id, &[("hits", b"50")]).await;
            profile.reload().await.expect("a session");
            assert_eq!(profile.hits(), 50);
            assert!(!profile.is_modified());
        })
        .await;
    assert_eq!(store.asked(), "load; load");
}

#[tokio::test]
async fn the_origin_tells_a_new_session_from_a_loaded_and_an_unknown_one() {
    let (store, mut visitor, _) = planted(&[("hits", b"3")]).await;
    visitor.visit::<Profile>(|profile| assert_eq!(profile.origin(), Origin::Loaded)).await;
    let mut stranger = Visitor::of(&store);
    stranger.visit::<Profile>(|profile| assert_eq!(profile.origin(), Origin::New)).await;
    stranger
        .holding("0123456789abcdef0123456789abcdef")
        .visit::<Profile>(|profile| assert_eq!(profile.origin(), Origin::UnknownId))
        .await;
}
