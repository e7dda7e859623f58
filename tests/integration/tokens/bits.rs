//! Every bit of a token counts: T46 and security lines 12 and 32, one text after the other.

use axum::body::Body;
use axum::http::header::COOKIE;
use axum::http::{HeaderValue, Request, StatusCode};
use session_runtime::backend::{Backend as _, Found};
use session_runtime::{CookieStore, SessionLayer};
use session_tests::{Keeping, Kept, Notes, Visitor, over_every_keyed_store};

use super::{from_text, key, to_text};

const NAME: &str = "__Host-id";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Every other text that one change makes of a token's.
fn changed(token: &str) -> Vec<Vec<u8>> {
    let (text, bytes) = (token.as_bytes(), from_text(token));
    let mut all: Vec<Vec<u8>> = flipped(text).collect();
    all.extend(flipped(&bytes).map(|bytes| to_text(&bytes).into_bytes()));
    all.extend((0..text.len()).map(|length| text[..length].to_vec()));
    all.extend((0..bytes.len()).map(|length| to_text(&bytes[..length]).into_bytes()));
    all.extend((0..=u8::MAX).map(|byte| [text, &[byte]].concat()));
    all.extend((0..=u8::MAX).map(|byte| to_text(&[&bytes[..], &[byte]].concat()).into_bytes()));
    all.extend((0..=u8::MAX).filter(|version| *version != bytes[0]).map(|version| {
        let mut other = bytes.clone();
        other[0] = version;
        to_text(&other).into_bytes()
    }));
    // Every other last character: those that differ in nothing but unused bits among them.
    let last = text.len() - 1;
    all.extend(ALPHABET.iter().filter(|end| **end != text[last]).map(|end| [&text[..last], &[*end]].concat()));
    assert!(all.iter().all(|other| other != text));
    all
}

/// Every text that differs in one bit.
fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let mut other = bytes.to_vec();
        other[bit / 8] ^= 1 << (bit % 8);
        other
    })
}

async fn opens(store: &CookieStore, value: &[u8], cookie: &str) -> bool {
    match store.token(value, cookie) {
        Err(_) => false,
        Ok(presented) => {
            let found = store.load(presented.token, cookie, None).await;
            matches!(found.expect("an answer"), Found::Live(_))
        }
    }
}

/// The token of a session with a value of so many characters.
async fn token(store: &CookieStore, length: usize) -> String {
    let mut visitor = Visitor::through(SessionLayer::new(store.clone()));
    visitor.visit::<Notes>(move |notes| notes.set_some("x".repeat(length))).await;
    visitor.held()
}

async fn assert_every_change_is_refused(stores: [CookieStore; 3], length: impl Fn(usize) -> usize) {
    let mut ends = Vec::new();
    for (index, store) in stores.into_iter().enumerate() {
        let token = token(&store, length(index)).await;
        assert!(opens(&store, token.as_bytes(), NAME).await);
        for other in changed(&token) {
            assert!(!opens(&store, &other, NAME).await, "{}", other.escape_ascii());
        }
        ends.push(token.len() % 4);
    }
    ends.sort_unstable();
    assert_eq!(ends, [0, 2, 3], "last characters of which no bit, four and two belong to no byte");
}

#[tokio::test]
async fn t46_s32_no_change_of_a_sealed_cookie_opens() {
    let store = CookieStore::new(key());
    assert_every_change_is_refused(std::array::from_fn(|_| store.clone()), |index| index).await;
}

#[tokio::test]
async fn t46_s32_no_change_of_a_signed_cookie_opens() {
    let store = CookieStore::signed(key());
    assert_every_change_is_refused(std::array::from_fn(|_| store.clone()), |index| index).await;
}

#[tokio::test]
async fn t46_s32_no_change_of_a_padded_cookie_opens() {
    let key = key();
    assert_every_change_is_refused([32, 33, 34].map(|block| CookieStore::new(key.clone()).pad(block)), |_| 4).await;
}

#[tokio::test]
async fn t46_s32_no_change_of_a_compressed_cookie_opens() {
    let key = key();
    let stores = [32, 33, 34].map(|block| CookieStore::new(key.clone()).compress(block));
    assert_every_change_is_refused(stores, |_| 200).await;
}

/// A request to `/view` with this for the value of its cookie, where such a header can be sent and ends with the value.
fn viewing(value: &[u8]) -> Option<Request<Body>> {
    let ends = value.last().is_some_and(|end| b"; \t".contains(end));
    let header = HeaderValue::from_bytes(&[b"a=b; __Host-id=", value].concat()).ok().filter(|_| !ends)?;
    let request = Request::get("/view").header(COOKIE, header);
    Some(request.body(Body::empty()).expect("a request"))
}

over_every_keyed_store!(t46_s32_no_change_is_a_session_and_none_asks_the_store);

async fn t46_s32_no_change_is_a_session_and_none_asks_the_store(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let token = kept.held();
    kept.calls();
    let mut sent = 0;
    for other in changed(&token) {
        let Some(request) = viewing(&other) else { continue };
        let answer = kept.send(request).await;
        let shown = other.escape_ascii();
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"), "{shown}");
        assert!(answer.sets_no_cookie(), "{shown}");
        assert_eq!(kept.calls(), "none", "{shown}");
        sent += 1;
    }
    assert!(sent > token.len() * 8);
    assert_eq!(kept.get("/view").await.text(), r#"{"some":"data"}"#);
}
