//! What does not fit into a cookie: T49 and security line 35.

use axum::http::{Response, StatusCode};
use bytes::Bytes;
use session_runtime::{CookieStore, Session, SessionCookie, SessionHandle};
use session_tests::{Logs, Notes, Visits, load};

use super::{key, noise, visitor};

/// Both ways to close a cookie, and both ways to pack it.
fn stores() -> [CookieStore; 4] {
    [
        CookieStore::new(key()),
        CookieStore::signed(key()),
        CookieStore::new(key()).pad(64),
        CookieStore::new(key()).compress(64),
    ]
}

#[tokio::test]
async fn t49_s35_a_session_that_is_too_large_is_an_error_and_the_cookie_stays_as_it_was() {
    for store in stores() {
        let (mut visitor, _) = visitor(store, |layer| layer);
        visitor.get("/update?some=data").await;
        visitor.get("/count").await;
        let held = visitor.held();
        let answer = visitor.visit::<Notes>(|notes| notes.set_key(noise(4096))).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.sets_no_cookie());
        assert!(!answer.text().contains("key"), "{}", answer.text());
        assert_eq!(visitor.held(), held);
        assert_eq!(visitor.get("/view").await.text(), r#"{"some":"data"}"#);
        assert_eq!(visitor.get("/count").await.text(), "2");
    }
}

#[tokio::test]
async fn t49_a_new_session_that_is_too_large_is_none() {
    for store in stores() {
        let (mut visitor, _) = visitor(store, |layer| layer);
        let answer = visitor.visit::<Notes>(|notes| notes.set_key(noise(4096))).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(visitor.id(), None);
    }
}

#[tokio::test]
async fn t49_the_error_names_the_fields_by_their_size() {
    let render = |error: &session_runtime::SessionError| {
        assert!(error.is_too_large() && !error.is_unavailable() && !error.is_head_sent());
        let text = format!("{} {error}", error.field().unwrap_or_default());
        let mut response = Response::new(Bytes::from(text));
        *response.status_mut() = StatusCode::INSUFFICIENT_STORAGE;
        response
    };
    let logs = Logs::capture();
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer.on_error(render));
    visitor.get("/count").await;
    let grow = |notes: &mut Session<Notes>| {
        notes.set_some("x".repeat(1000));
        notes.set_key("hunter2".repeat(500));
    };
    let answer = visitor.visit::<Notes>(grow).await;
    assert_eq!(answer.status, StatusCode::INSUFFICIENT_STORAGE);
    let text = answer.text();
    assert!(text.starts_with("key "), "{text}");
    let places = ["`key` has 3505 bytes", "`some` has 1006 bytes", "`hits` has 5 bytes"].map(|part| text.find(part));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
    assert!(logs.text().starts_with("ERROR") && logs.text().contains("`key` has 3505 bytes"), "{}", logs.text());
    assert!(!text.contains("hunter2") && !logs.text().contains("hunter2"));
}

#[tokio::test]
async fn t49_a_save_that_does_not_fit_is_a_typed_error() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/update?some=data").await;
    let save = async |handle: SessionHandle| {
        let mut notes = load::<Notes>(&handle).await;
        notes.set_key("x".repeat(4096));
        let error = notes.save().await.expect_err("too large");
        assert!(error.is_too_large() && error.field() == Some("key"), "{error}");
        notes.set_key("value");
    };
    assert_eq!(visitor.act(save).await.status, StatusCode::OK);
    assert_eq!(visitor.get("/view").await.text(), r#"{"some":"data","key":"value"}"#);
}

#[tokio::test]
async fn t49_s35_name_and_value_are_4096_bytes_at_most_and_none_is_wasted() {
    for name in ["id", "__Host-a-rather-long-name"] {
        for store in [CookieStore::new(key()), CookieStore::signed(key())] {
            let cookie = SessionCookie::new(name);
            let (mut visitor, _) = visitor(store, |layer| layer.cookie(cookie));
            let mut sizes = Vec::new();
            for length in 2900..3200 {
                let answer = visitor.visit::<Notes>(move |notes| notes.set_some("x".repeat(length))).await;
                if answer.status != StatusCode::OK {
                    break;
                }
                sizes.push(name.len() + answer.set_cookie().value.len());
            }
            // One byte more makes the text one or two characters longer.
            assert!(sizes.is_sorted() && matches!(sizes.last(), Some(4095..=4096)), "{:?}", sizes.last());
        }
    }
}

#[tokio::test]
async fn t49_what_is_emptied_again_fits_again() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/count").await;
    visitor.visit::<Notes>(|notes| notes.set_some("x".repeat(2800))).await;
    let answer = visitor.visit::<Notes>(|notes| notes.set_key("x".repeat(2800))).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let swap = |notes: &mut Session<Notes>| {
        notes.clear_some();
        notes.set_key("x".repeat(2800));
    };
    assert_eq!(visitor.visit::<Notes>(swap).await.status, StatusCode::OK);
    visitor.visit::<Visits>(|visits| assert_eq!(visits.hits(), 1)).await;
}

#[tokio::test]
async fn s19_a_sign_out_counts_where_the_session_after_it_is_too_large() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/update?some=data").await;
    let answer = visitor
        .visit::<Notes>(|notes| {
            notes.destroy();
            notes.set_key("x".repeat(5000));
        })
        .await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.set_cookies()[0].contains("Max-Age=0"));
    assert_eq!(visitor.get("/view").await.text(), "{}");
}

#[tokio::test]
async fn t49_only_fields_are_named() {
    let logs = Logs::capture();
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer.keys(key()));
    visitor
        .visit::<Notes>(|notes| {
            notes.regenerate_id();
            notes.set_lifetime(std::time::Duration::from_secs(1000));
            notes.set_key("x".repeat(5000));
        })
        .await;
    assert!(logs.text().contains("`key` has 5005 bytes") && !logs.text().contains("`@"), "{}", logs.text());
}
