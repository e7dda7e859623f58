//! Fields that are encrypted where they are stored.

use axum::Router;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use bytes::Bytes;
use session_runtime::record::Record;
use session_runtime::{
    Clock, CookieStore, Expiry, Key, KeyRing, MemoryStore, Session, SessionHandle, SessionLayer, session,
};
use std::time::Duration;

use session_tests::{Client, Logs, Scripted, Visitor, load};

#[derive(Session)]
struct Account {
    hits: u32,
    #[session(sealed)]
    token: Option<String>,
    #[session(sealed)]
    other: Option<String>,
    #[session(sealed, merge = sum)]
    balance: i64,
    #[session(sealed, ttl = "10m")]
    code: Option<u32>,
}

/// The same field before it was `sealed`.
#[derive(Session)]
struct Open {
    token: Option<String>,
}

#[derive(Session)]
struct Strict {
    #[session(sealed, on_mismatch = "reject")]
    token: Option<String>,
}

fn key(byte: u8) -> Key {
    Key::from_bytes([byte; 32]).expect("32 bytes")
}

fn keyed(store: &Scripted, keys: impl Into<KeyRing>) -> Visitor {
    Visitor::through(SessionLayer::new(store.clone()).keys(keys))
}

/// A session whose token is stored sealed.
async fn signed_in() -> (Scripted, Visitor) {
    let store = Scripted::default();
    let mut visitor = keyed(&store, key(1));
    visitor.visit::<Account>(|account| account.set_token("hunter2")).await;
    store.asked();
    (store, visitor)
}

async fn stored(store: &Scripted, visitor: &Visitor) -> Record {
    store.record(&visitor.held()).await.expect("a record")
}

async fn assert_reads(visitor: &mut Visitor, token: Option<&'static str>) {
    visitor.visit::<Account>(move |account| assert_eq!(account.token().map(String::as_str), token)).await;
}

/// Whether reading the token warned that it does not decode.
async fn warns(visitor: &mut Visitor) -> bool {
    let logs = Logs::capture();
    assert_reads(visitor, None).await;
    let text = logs.text();
    assert!(!text.contains("hunter2"), "{text}");
    text.contains("does not decode")
}

#[tokio::test]
async fn s30_t70_a_sealed_field_is_read_back_and_stored_as_nothing_that_tells_of_it() {
    let (store, mut visitor) = signed_in().await;
    let record = stored(&store, &visitor).await;
    let token = record.get("token").expect("a token");
    assert_eq!(token[0], 0x1f);
    assert!(!record.buffer().windows(7).any(|window| window == b"hunter2"));
    assert_reads(&mut visitor, Some("hunter2")).await;
}

#[tokio::test]
async fn t70_the_same_value_is_never_sealed_to_the_same_bytes() {
    let (store, mut visitor) = signed_in().await;
    let before = stored(&store, &visitor).await;
    visitor.visit::<Account>(|account| account.set_other("hunter2")).await;
    let after = stored(&store, &visitor).await;
    assert_eq!(after.get("token"), before.get("token"));
    assert_ne!(after.get("other"), after.get("token"));
}

#[tokio::test]
async fn an_equal_value_is_unchanged() {
    let (store, mut visitor) = signed_in().await;
    visitor.visit::<Account>(|account| account.set_token("hunter2")).await;
    visitor.visit::<Account>(|account| account.token_mut().get_or_insert_default().push_str("")).await;
    assert_eq!(store.asked(), "load; load");
    visitor.visit::<Account>(|account| account.token_mut().get_or_insert_default().push('3')).await;
    assert_reads(&mut visitor, Some("hunter23")).await;
}

#[tokio::test]
async fn what_is_sealed_follows_the_session_to_a_new_id() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let expiry = Expiry::idle(Duration::from_hours(24)).rotate_every(Duration::from_hours(1));
    let layer = SessionLayer::new(store.clone()).clock(clock.clone()).keys(key(1)).expiry(expiry);
    let mut visitor = Visitor::through(layer);
    visitor.visit::<Account>(|account| account.set_token("hunter2")).await;
    let first = visitor.held();
    visitor.visit::<Account>(|account| account.regenerate_id()).await;
    let second = visitor.held();
    assert_reads(&mut visitor, Some("hunter2")).await;
    clock.advance(Duration::from_hours(2));
    assert_reads(&mut visitor, Some("hunter2")).await;
    assert!(first != second && second != visitor.held());
    assert_reads(&mut visitor, Some("hunter2")).await;
}

#[tokio::test]
async fn a_sign_in_to_a_session_that_ended_meanwhile_seals_for_the_new_one() {
    let (store, mut visitor) = signed_in().await;
    let id = visitor.held();
    let request = visitor.held_up::<Account>(|account| {
        account.regenerate_id();
        account.set_token("again");
    });
    let request = request.await;
    store.end(&id).await;
    visitor.take(&request.goes_on().await);
    assert_ne!(visitor.held(), id);
    assert_reads(&mut visitor, Some("again")).await;
}

#[tokio::test]
async fn what_is_set_after_a_sign_out_is_sealed_for_the_new_session() {
    let (store, mut visitor) = signed_in().await;
    let before = stored(&store, &visitor).await;
    visitor
        .visit::<Account>(|account| {
            account.destroy();
            account.set_token("new");
        })
        .await;
    assert_ne!(stored(&store, &visitor).await.get("@b"), before.get("@b"));
    assert_reads(&mut visitor, Some("new")).await;
}

#[tokio::test]
async fn s32_a_stored_value_that_should_be_sealed_and_is_not_reads_as_undecodable_and_stays() {
    let store = Scripted::default();
    let id = store.plant(&[("token", br#""hunter2""#)]).await;
    let mut visitor = keyed(&store, key(1)).holding(&id);
    assert!(warns(&mut visitor).await);
    assert_eq!(store.fields(&id).await, r#"token="hunter2""#);
    let answer = visitor.act(async |handle: SessionHandle| match handle.load::<Strict>().await {
        Ok(_) => "loaded".to_owned(),
        Err(error) => format!("{} {:?}", error.is_mismatch(), error.field()),
    });
    assert_eq!(answer.await.text(), r#"true Some("token")"#);
}

#[tokio::test]
async fn a_field_that_is_no_longer_sealed_is_read_and_written_in_the_open() {
    let (store, mut visitor) = signed_in().await;
    visitor
        .visit::<Open>(|open| {
            assert_eq!(open.token().map(String::as_str), Some("hunter2"));
            open.set_token("open");
        })
        .await;
    assert_eq!(stored(&store, &visitor).await.get("token"), Some(&br#""open""#[..]));
}

#[tokio::test]
async fn s33_a_sealed_value_opens_under_no_other_name_and_in_no_other_record() {
    let (store, mut visitor) = signed_in().await;
    let record = stored(&store, &visitor).await;
    let token = record.get("token").expect("a token");
    let mut other = keyed(&store, key(1));
    other.visit::<Account>(|account| account.set_hits(1)).await;
    store.change(&other.held(), &[("token", token)]).await;
    assert!(warns(&mut other).await);
    store.change(&visitor.held(), &[("other", token)]).await;
    visitor.visit::<Account>(|account| assert_eq!(account.other(), None)).await;
    assert_reads(&mut visitor, Some("hunter2")).await;
}

#[tokio::test]
async fn t46_any_flipped_bit_of_a_sealed_value_is_seen_and_any_cut() {
    let (store, mut visitor) = signed_in().await;
    let token = stored(&store, &visitor).await.get("token").expect("a token").to_vec();
    let id = visitor.held();
    for bit in 0..token.len() * 8 {
        let mut bent = token.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        store.change(&id, &[("token", &bent)]).await;
        assert!(warns(&mut visitor).await, "bit {bit}");
    }
    for length in 0..token.len() {
        store.change(&id, &[("token", &token[..length])]).await;
        assert!(warns(&mut visitor).await, "{length} bytes");
    }
}

#[tokio::test]
async fn t47_s34_an_old_key_reads_and_the_new_one_writes() {
    let (store, visitor) = signed_in().await;
    let id = visitor.held();
    let mut both = keyed(&store, KeyRing::new(key(2)).opens(key(1))).holding(&id);
    assert_reads(&mut both, Some("hunter2")).await;
    let mut new = keyed(&store, key(2)).holding(&id);
    assert!(warns(&mut new).await);
    both.visit::<Account>(|account| account.set_token("hunter3")).await;
    assert_reads(&mut new, Some("hunter3")).await;
    let mut revoking = keyed(&store, KeyRing::new(key(3)).opens(key(2)).revokes(key(2).id())).holding(&id);
    assert!(warns(&mut revoking).await);
}

#[tokio::test]
async fn t47_what_is_set_again_under_a_new_key_needs_the_old_one_no_more() {
    let (store, visitor) = signed_in().await;
    let id = visitor.held();
    let mut both = keyed(&store, KeyRing::new(key(2)).opens(key(1))).holding(&id);
    both.visit::<Account>(|account| account.set_token("hunter2")).await;
    assert_reads(&mut keyed(&store, key(2)).holding(&id), Some("hunter2")).await;
}

#[session(autoload)]
async fn hits(account: &Session<Account>) -> String {
    account.hits().to_string()
}

#[tokio::test]
async fn t72_a_layer_without_keys_refuses_the_request_and_the_error_names_the_field() {
    let layer = SessionLayer::new(MemoryStore::new()).on_error(|error| {
        assert!(error.is_no_keys());
        let mut response = Response::new(Bytes::from(format!("{error}; {:?}", error.field())));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    });
    let answer = Client::new(Router::new().route("/", get(hits)).layer(layer)).get("/").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let text = "field `token` is sealed, but the session layer has no keys: add `.keys(key)` to it; Some(\"token\")";
    assert_eq!(answer.text(), text);
}

#[tokio::test]
async fn t42_two_requests_that_each_seal_a_first_value_both_keep_theirs() {
    let store = Scripted::default();
    let mut visitor = keyed(&store, key(1));
    visitor.visit::<Account>(|account| account.set_hits(1)).await;
    let [first, second] = both_at_once(&visitor).await;
    assert_eq!((first, second), (StatusCode::OK, StatusCode::OK));
    visitor
        .visit::<Account>(|account| {
            assert_eq!(account.token().map(String::as_str), Some("first"));
            assert_eq!(account.other().map(String::as_str), Some("second"));
        })
        .await;
}

/// One request seals `token`, and while it waits another seals `other`.
async fn both_at_once(visitor: &Visitor) -> [StatusCode; 2] {
    let first = visitor.held_up::<Account>(|account| account.set_token("first")).await;
    let second = visitor.held_up::<Account>(|account| account.set_other("second")).await;
    let second = second.goes_on().await.status;
    [first.goes_on().await.status, second]
}

#[tokio::test]
async fn two_views_of_one_request_seal_for_the_same_record() {
    let store = Scripted::default();
    let id = store.plant(&[("hits", b"1")]).await;
    let mut visitor = keyed(&store, key(1)).holding(&id);
    let answer = visitor
        .act(async |handle| {
            let mut first = load::<Account>(&handle).await;
            let mut second = load::<Account>(&handle).await;
            first.set_token("hunter2");
            second.set_other("second");
        })
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    visitor.visit::<Account>(|account| assert_eq!(account.other().map(String::as_str), Some("second"))).await;
    assert_reads(&mut visitor, Some("hunter2")).await;
}

#[tokio::test]
async fn what_is_saved_early_and_changed_again_stays_readable() {
    let store = Scripted::default();
    let mut visitor = keyed(&store, key(1));
    visitor
        .act(async |handle| {
            let mut account = load::<Account>(&handle).await;
            account.set_token("early");
            account.save().await.expect("a save");
            assert_eq!(account.token().map(String::as_str), Some("early"));
            account.set_other("late");
        })
        .await;
    visitor.visit::<Account>(|account| assert_eq!(account.other().map(String::as_str), Some("late"))).await;
    assert_reads(&mut visitor, Some("early")).await;
}

#[tokio::test]
async fn a_cookie_may_hold_sealed_fields_too() {
    let mut visitor = Visitor::through(SessionLayer::new(CookieStore::signed(key(1))).keys(key(2)));
    visitor.visit::<Account>(|account| account.set_token("hunter2")).await;
    assert_reads(&mut visitor, Some("hunter2")).await;
}

#[tokio::test]
async fn a_detached_session_seals_for_itself() -> Result<(), session_runtime::SessionError> {
    let handle = SessionHandle::detached();
    handle.get::<Account>()?.set_token("hunter2");
    assert_eq!(handle.get::<Account>()?.token().map(String::as_str), Some("hunter2"));
    Ok(())
}

#[tokio::test]
async fn a_value_that_is_sealed_and_timed_shows_no_end_and_ends() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let mut visitor = Visitor::through(SessionLayer::new(store.clone()).clock(clock.clone()).keys(key(1)));
    visitor.visit::<Account>(|account| account.set_code(123_456)).await;
    assert_eq!(stored(&store, &visitor).await.get("code").expect("a code")[0], 0x1f);
    visitor.visit::<Account>(|account| assert_eq!(account.code(), Some(123_456))).await;
    clock.advance(Duration::from_mins(10));
    visitor.visit::<Account>(|account| assert_eq!(account.code(), None)).await;
}

/// The same field when it had a time of its own.
#[derive(Session)]
struct Ending {
    #[session(sealed, ttl = "10m")]
    token: Option<String>,
}

#[tokio::test]
async fn what_is_set_to_an_equal_value_loses_a_time_that_its_field_has_no_more() {
    let clock = Clock::manual();
    let store = Scripted::with_clock(&clock);
    let mut visitor = Visitor::through(SessionLayer::new(store).clock(clock.clone()).keys(key(1)));
    visitor.visit::<Ending>(|ending| ending.set_token("hunter2")).await;
    visitor.visit::<Account>(|account| account.set_token("hunter2")).await;
    clock.advance(Duration::from_mins(10));
    assert_reads(&mut visitor, Some("hunter2")).await;
}
