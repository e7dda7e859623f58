//! A token is worth something in one place: T46 and security line 33.

use axum::Router;
use session_runtime::backend::{Backend as _, Found, Origin};
use session_runtime::{CookieStore, Key, SessionCookie, SessionLayer};
use session_tests::{Client, Keeping, Kept, Notes, over_every_keyed_store, routes};

use super::{from_text, key};

over_every_keyed_store!(
    t46_s33_a_token_is_worth_nothing_under_another_name,
    t46_s33_a_token_is_worth_nothing_for_another_purpose,
    t46_a_token_of_another_application_is_worth_nothing,
);

async fn t46_s33_a_token_is_worth_nothing_under_another_name(keeping: Keeping) {
    let key = key();
    let mut kept = Kept::under(keeping, key.clone(), |layer| layer);
    kept.get("/update?some=data").await;
    let token = kept.held();
    kept.calls();
    for name in ["id", "__Host-admin", "__Host-i", "__Host-id2", "__Host-ID"] {
        let mut other = kept.restarted(key.clone(), |layer| layer.cookie(SessionCookie::new(name)));
        other.set_cookie(name, &token);
        let answer = other.get("/view").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "{}"), "{name}");
        assert!(answer.sets_no_cookie(), "{name}");
        assert_eq!(other.get("/origin").await.text(), "BadSignature", "{name}");
        assert_eq!(other.calls(), "none", "{name}");
    }
    let mut same = kept.restarted(key, |layer| layer);
    assert_eq!(same.get("/view").await.text(), r#"{"some":"data"}"#);
}

/// The token of a session whose payload is as long as an id.
async fn token(kept: &mut Kept) -> String {
    kept.visit::<Notes>(|notes| notes.set_key("abc")).await;
    kept.held()
}

async fn t46_s33_a_token_is_worth_nothing_for_another_purpose(keeping: Keeping) {
    let key = key();
    let mut made = Kept::under(keeping, key.clone(), |layer| layer);
    let token = token(&mut made).await;
    let overhead = if keeping == Keeping::Sealed { 45 } else { 37 };
    assert_eq!(from_text(&token).len(), overhead + 24, "as long as one of the others");
    for other in Keeping::KEYED.into_iter().filter(|other| *other != keeping) {
        let mut other = Kept::under(other, key.clone(), |layer| layer);
        other.hold(&token);
        assert_eq!(other.get("/view").await.text(), "{}", "{:?}", other.keeping);
        assert!(matches!(other.get("/origin").await.text(), "BadSignature" | "UnknownId"), "{:?}", other.keeping);
        assert_eq!(other.calls(), "none", "{:?}", other.keeping);
    }
}

async fn t46_a_token_of_another_application_is_worth_nothing(keeping: Keeping) {
    let (mut ours, mut theirs) = (Kept::new(keeping), Kept::new(keeping));
    ours.get("/update?some=ours").await;
    theirs.get("/update?some=theirs").await;
    let (our, their) = (ours.held(), theirs.held());
    ours.hold(&their);
    theirs.hold(&our);
    assert_eq!(ours.get("/view").await.text(), "{}");
    assert_eq!(theirs.get("/view").await.text(), "{}");
    assert_eq!(ours.get("/origin").await.text(), "BadSignature");
}

/// Two layers of one application, one key, and a name each.
#[tokio::test]
async fn s33_two_cookies_of_one_key_are_not_exchanged() {
    let key = key();
    let layer = |key: Key, name| SessionLayer::new(CookieStore::new(key)).cookie(SessionCookie::new(name));
    let admin = routes().layer(layer(key.clone(), "admin"));
    let app = Router::new().nest("/admin", admin).merge(routes().layer(layer(key, "id")));
    let mut client = Client::new(app);
    client.get("/update?some=visitor").await;
    client.get("/admin/update?some=admin").await;
    let [visitor, admin] = ["id", "admin"].map(|name| client.cookie(name).expect("a cookie").to_owned());
    client.set_cookie("id", &admin);
    client.set_cookie("admin", &visitor);
    assert_eq!(client.get("/view").await.text(), "{}");
    assert_eq!(client.get("/admin/view").await.text(), "{}");
}

#[tokio::test]
async fn t70_short_input_is_no_session_and_no_panic() {
    for store in [CookieStore::new(key()), CookieStore::signed(key())] {
        for length in 0..200 {
            for byte in [b'A', b'_', b'=', 0, 0xff] {
                let value = vec![byte; length];
                match store.token(&value, "id") {
                    Err(origin) => assert_eq!(origin, Origin::UnknownId),
                    Ok(presented) => {
                        let found = store.load(presented.token, "id", None).await;
                        assert!(matches!(found, Ok(Found::Nothing(_))), "{length} of {byte}");
                    }
                }
            }
        }
    }
}
