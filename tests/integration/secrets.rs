//! Ids and values stay where they belong: security lines 1, 4, 25, 30 and 40.

use std::collections::HashSet;
use std::fmt::Debug;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use session_runtime::backend::{Basis, Committed, Found, Live, Token};
use session_runtime::record::{Record, Stamp};
use session_runtime::store::{Loaded, PrincipalChange, Update, Updated};
use session_runtime::{
    Autoload, Clock, Expiry, Session, SessionCookie, SessionHandle, SessionId, SessionLayer, SessionStore as _,
    StoreError, StoreKey, session,
};
use tower::{Layer as _, Service as _};

use session_tests::{Client, Fault, Logs, Notes, Scripted, Site, Visitor, Visits, delta, hex, routes};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[test]
fn s01_a_million_ids_have_no_duplicate_and_one_length() {
    let ids: HashSet<_> = (0..1_000_000)
        .map(|_| SessionId::generate().expect("random bytes"))
        .map(|id| id.as_str().to_owned())
        .inspect(|id| assert_eq!(id.len(), 32))
        .collect();
    assert_eq!(ids.len(), 1_000_000);
}

/// Each of the 192 bits is set in half of the ids, within eight standard deviations.
#[test]
fn s01_s04_an_id_is_192_bits_of_chance_and_nothing_else() {
    const IDS: u32 = 20_000;
    let mut set = [0_u32; 192];
    for _ in 0..IDS {
        let id = SessionId::generate().expect("random bytes");
        for (place, character) in id.as_str().bytes().enumerate() {
            let sextet = ALPHABET.iter().position(|known| *known == character);
            let sextet = sextet.expect("a base64url character");
            for bit in 0..6 {
                set[place * 6 + bit] += u32::from(sextet >> bit & 1 == 1);
            }
        }
    }
    for (bit, count) in set.into_iter().enumerate() {
        assert!(count.abs_diff(IDS / 2) < 8 * 71, "bit {bit}: {count} of {IDS}");
    }
}

/// What nobody who reads logs may see.
const VALUE: &str = "hunter2";

fn assert_hides(shown: &str, id: &SessionId) {
    assert!(!shown.contains(id.as_str()), "{shown}");
    assert!(!shown.contains(VALUE), "{shown}");
    let bytes = format!("{:?}", VALUE.as_bytes());
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
}

#[test]
fn s25_debug_shows_no_id_and_no_value() {
    let id = SessionId::generate().expect("random bytes");
    let now = Clock::system().now();
    let delta = delta(&[("some", br#""hunter2""#)]);
    let record = Record::new(now, now).apply(&delta);
    let live = || Live::new(Token::Id(id), Some(id.store_key()), record.clone());
    let loaded = Loaded::Record { record: record.clone(), rolled: false };
    let all: [&dyn Debug; 15] = [
        &id,
        &id.store_key(),
        &record,
        &delta,
        &delta.iter(),
        &live(),
        &Found::Live(live()),
        &Token::Id(id),
        &Token::Sealed(Bytes::from_static(VALUE.as_bytes())),
        &Committed::Issued(Token::Id(id), Some(id.store_key()), record.clone()),
        &Committed::Kept(Basis::default()),
        &loaded,
        &Updated::Conflict(record.clone()),
        &Update::new(&record, &delta, Stamp::next()),
        &PrincipalChange::Keep,
    ];
    for shown in all {
        assert_hides(&format!("{shown:?} {shown:#?}"), &id);
    }
}

/// Shows all that a handler has in its hands.
async fn show(handle: SessionHandle) -> String {
    let mut notes = handle.load::<Notes>().await.expect("a session");
    let before = format!("{notes:?} {handle:?} {:?}", notes.metadata());
    notes.key_mut().get_or_insert_default().push_str(VALUE);
    let core: &session_runtime::SessionCore = &notes;
    format!("{before} {core:?} {notes:#?}")
}

#[tokio::test]
async fn s25_debug_of_a_live_session_shows_no_id_and_no_value() {
    let app = routes().route("/show", get(show));
    let mut site = Site::of(app, |layer| layer);
    site.get("/update?some=hunter2").await;
    let id = SessionId::parse(site.id().as_bytes()).expect("an id");
    assert_hides(site.get("/show").await.text(), &id);
    assert_hides(&format!("{:?}", site.memory), &id);
}

#[tokio::test]
async fn s25_debug_of_the_middleware_shows_no_id() {
    let mut site = Site::new();
    site.get("/update?some=hunter2").await;
    let id = SessionId::parse(site.id().as_bytes()).expect("an id");
    let layer = SessionLayer::new(site.store.clone())
        .cookie(SessionCookie::new("id"))
        .autoload(Autoload::paths(["/app"]))
        .expiry(Expiry::default());
    let mut service = layer.layer(routes());
    let future = service.call(site.client.request("/view"));
    let shown = format!("{layer:?} {service:?} {future:?} {:?}", SessionCookie::default());
    assert_hides(&shown, &id);
}

#[tokio::test]
async fn s25_debug_of_a_response_shows_no_id() {
    let site = Site::new();
    let request = site.client.request("/update?some=data");
    let answer = site.client.send(request).await;
    let cookie = answer.set_cookie().value;
    assert_eq!(cookie.len(), SessionId::LEN);
    assert!(!format!("{:?}", answer.headers).contains(cookie));
}

#[tokio::test]
async fn s25_no_log_line_of_a_whole_life_shows_an_id() {
    #[session(autoload)]
    async fn sign_in(notes: &mut Session<Notes>) {
        notes.regenerate_id();
    }
    let logs = Logs::capture_all();
    let store = Scripted::default();
    let app = routes().route("/sign-in", get(sign_in));
    let app = app.layer(SessionLayer::new(store.clone()));
    let mut client = Client::new(app);
    let mut ids = vec!["A".repeat(SessionId::LEN)];
    client.set_cookie("__Host-id", &ids[0]);
    for path in ["/view", "/update?some=data", "/sign-in", "/count"] {
        client.get(path).await;
        ids.extend(client.id().map(str::to_owned));
    }
    for (method, path) in [("load", "/view"), ("update", "/count"), ("rename", "/sign-in"), ("remove", "/destroy")] {
        for fault in [Fault::Unreachable, Fault::Corrupt, Fault::Rejected] {
            store.breaks(method, fault);
            client.get(path).await;
            store.recovers();
        }
    }
    client.get("/destroy").await;
    client.set_cookie("__Host-id", &ids[3]);
    client.get("/count").await;
    assert!(ids.len() >= 4 && !logs.text().is_empty());
    for id in ids {
        assert!(!logs.text().contains(&id), "{}", logs.text());
    }
}

#[tokio::test]
async fn s25_a_change_that_is_lost_is_logged_without_the_id() {
    let logs = Logs::capture_all();
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    visitor.visit::<Visits>(|visits| visits.set_hits(1)).await;
    let held = visitor.held();
    let (ending, id) = (store.clone(), held.clone());
    let lost = async move |handle: SessionHandle| {
        let mut visits = handle.load::<Visits>().await.expect("a session");
        ending.end(&id).await;
        visits.set_hits(2);
    };
    visitor.act(lost).await;
    assert!(logs.text().contains("session ended"), "{}", logs.text());
    assert!(!logs.text().contains(&held), "{}", logs.text());
}

/// A type whose own error quotes what it refuses.
#[derive(Serialize, Default)]
struct Refusing(String);

impl<'de> Deserialize<'de> for Refusing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(D::Error::custom(format!("{text} is not accepted")))
    }
}

#[derive(Session)]
struct Strict {
    hits: Refusing,
}

#[tokio::test]
async fn s25_a_value_that_does_not_decode_is_not_quoted_in_the_logs() {
    for bytes in [&br#""hunter2""#[..], b"\x01\x07hunter2", b"\x02\xa7hunter2"] {
        let store = Scripted::default();
        let id = store.plant(&[("hits", bytes)]).await;
        let mut visitor = Visitor::of(&store).holding(&id);
        let logs = Logs::capture();
        visitor.visit::<Visits>(|visits| assert_eq!(visits.hits(), 0)).await;
        visitor.visit::<Strict>(|strict| assert_eq!(strict.hits().0, "")).await;
        assert_eq!(logs.text().matches("hits").count(), 2, "{}", logs.text());
        assert!(!logs.text().contains(VALUE), "{}", logs.text());
    }
}

#[tokio::test]
async fn s30_who_reads_the_store_cannot_sign_in_with_what_stands_there() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    let id = site.id();
    let key = SessionId::parse(id.as_bytes()).expect("an id").store_key();
    let record = site.stored(&id).await.expect("a record");
    let buffer = record.buffer();
    assert!(!buffer.windows(id.len()).any(|window| window == id.as_bytes()));
    let raw = StoreKey::from_bytes(id.as_bytes().try_into().expect("32 bytes"));
    let under_raw = site.memory.load(&raw, None).await;
    assert!(matches!(under_raw, Ok(None)));
    let hex = hex(key.as_bytes());
    let sextets = key.as_bytes().iter().map(|byte| ALPHABET[usize::from(byte & 63)]);
    let text = String::from_utf8(sextets.collect()).expect("text");
    for stolen in [&hex, &hex[..32], &hex[32..], &text] {
        site.client.set_cookie("__Host-id", stolen);
        assert_eq!(site.get("/view").await.text(), "{}", "{stolen}");
    }
}

#[tokio::test]
async fn s40_no_page_no_redirect_and_no_error_holds_the_id() {
    #[session(autoload)]
    async fn sign_in(notes: &mut Session<Notes>) -> Redirect {
        notes.set_some("Ada");
        notes.regenerate_id();
        Redirect::to("/view")
    }
    let store = Scripted::default();
    let app: Router = routes().route("/sign-in", get(sign_in));
    let mut client = Client::new(app.layer(SessionLayer::new(store.clone())));
    client.get("/update?some=data").await;
    let mut answers = vec![client.get("/sign-in").await, client.get("/view").await];
    for (method, path) in [("load", "/view"), ("update", "/count"), ("rename", "/sign-in")] {
        store.breaks(method, Fault::Unreachable);
        answers.push(client.get(path).await);
        store.recovers();
    }
    let id = client.id().expect("an id");
    assert_eq!(answers[0].status, StatusCode::SEE_OTHER);
    for answer in answers {
        assert!(!answer.text().contains(id), "{}", answer.text());
        let mut headers = answer.headers;
        headers.remove("set-cookie");
        assert!(!format!("{headers:?}").contains(id), "{headers:?}");
    }
}

#[test]
fn s25_an_errors_text_does_not_repeat_its_cause() {
    let error = StoreError::unreachable(Fault::CAUSE);
    assert!(!error.to_string().contains(Fault::CAUSE));
    let cause = std::error::Error::source(&error).expect("a cause");
    assert_eq!(cause.to_string(), Fault::CAUSE);
}
