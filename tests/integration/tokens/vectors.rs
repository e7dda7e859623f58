//! Known answers: `tests/vectors/tokens.json` was made by another program from the documents alone.

use serde::Deserialize;
use session_runtime::backend::{Backend as _, Found, Live};
use session_runtime::record::Record;
use session_runtime::{
    Clock, CookieStore, Expiry, Key, KeyRing, MemoryStore, Session, SessionCookie, SessionId, SessionLayer,
    SessionStore as _,
};
use std::collections::BTreeMap;
use std::time::Duration;

use session_tests::{Client, Notes, Visitor, clock_at, delta, hex, routes};

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<NamedKey>,
    opened: Vec<Opened>,
    signed_ids: Vec<SignedId>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct NamedKey {
    hex: String,
    id: String,
}

#[derive(Deserialize)]
struct Opened {
    what: String,
    kind: Kind,
    key: usize,
    cookie: String,
    created: u64,
    expires: u64,
    version: u64,
    entries: BTreeMap<String, String>,
    record: String,
    pad: Option<usize>,
    token: String,
}

#[derive(Deserialize)]
struct SignedId {
    key: usize,
    cookie: String,
    id: String,
    token: String,
}

#[derive(Deserialize)]
struct Refused {
    what: String,
    kind: Kind,
    key: usize,
    also: Option<usize>,
    revoked: Option<usize>,
    cookie: String,
    origin: String,
    token: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    SealedCookie,
    SignedCookie,
    SignedId,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../vectors/tokens.json")).expect("the vectors")
}

impl Vectors {
    fn key(&self, index: usize) -> Key {
        Key::from_hex(&self.keys[index].hex).expect("a key")
    }
}

impl Kind {
    fn store(self, keys: impl Into<KeyRing>) -> CookieStore {
        match self {
            Self::SealedCookie => CookieStore::new(keys),
            Self::SignedCookie => CookieStore::signed(keys),
            Self::SignedId => panic!("no cookie holds a session"),
        }
    }

    fn layer(self, keys: impl Into<KeyRing>) -> SessionLayer {
        match self {
            Self::SignedId => SessionLayer::new(MemoryStore::new()).signed_ids(keys),
            _ => SessionLayer::new(self.store(keys)),
        }
    }
}

/// A client of the test application behind this layer, which holds the token.
fn holding(layer: SessionLayer, cookie: &str, token: &str) -> Client {
    let layer = layer.cookie(SessionCookie::new(cookie));
    let mut client = Client::new(routes().layer(layer));
    client.set_cookie(cookie, token);
    client
}

#[test]
fn a_key_has_the_id_that_follows_from_it() {
    let vectors = vectors();
    for (index, key) in vectors.keys.iter().enumerate() {
        assert_eq!(vectors.key(index).id().to_string(), key.id);
    }
}

/// What a store makes of a token.
async fn opened(store: &CookieStore, cookie: &str, token: &str) -> Live {
    let presented = store.token(token.as_bytes(), cookie).expect("a token");
    match store.load(presented.token, cookie, None).await {
        Ok(Found::Live(live)) => live,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn t70_every_token_opens_to_the_record_beside_it() {
    let vectors = vectors();
    for vector in &vectors.opened {
        let store = vector.kind.store(vectors.key(vector.key));
        let record = opened(&store, &vector.cookie, &vector.token).await.record;
        let told = (record.created().as_millis(), record.expires().as_millis(), record.version());
        assert_eq!(told, (vector.created, vector.expires, vector.version), "{}", vector.what);
        let entries: Vec<_> = record.entries().collect();
        let expected: Vec<_> = vector.entries.iter().map(|(name, value)| (&**name, value.as_bytes())).collect();
        assert_eq!(entries, expected, "{}", vector.what);
        assert_eq!(hex(record.buffer()), vector.record, "{}", vector.what);
    }
}

#[tokio::test]
async fn t70_every_token_is_a_session_until_its_end() {
    let vectors = vectors();
    for vector in &vectors.opened {
        let clock = clock_at(vector.created);
        let layer = vector.kind.layer(vectors.key(vector.key)).expiry(Expiry::lifetime(Expiry::MAX));
        let mut client = holding(layer.clock(clock.clone()), &vector.cookie, &vector.token);
        let answer = client.get("/view").await;
        assert!(answer.sets_no_cookie(), "{}", vector.what);
        let view: BTreeMap<String, String> = serde_json::from_str(answer.text()).expect("notes");
        let notes = |name: &&str| vector.entries.contains_key(*name);
        assert_eq!(view.len(), ["some", "key"].iter().filter(|name| notes(name)).count(), "{}", vector.what);
        for (name, value) in view {
            assert_eq!(serde_json::to_string(&value).expect("text"), vector.entries[&name], "{}", vector.what);
        }
        clock.advance(Duration::from_millis(vector.expires - vector.created - 1));
        assert_eq!(client.get("/origin").await.text(), "Loaded", "{}", vector.what);
        clock.advance(Duration::from_millis(1));
        assert_eq!(client.get("/origin").await.text(), "Expired", "{}", vector.what);
        assert_eq!(client.get("/view").await.text(), "{}", "{}", vector.what);
    }
}

#[tokio::test]
async fn what_is_signed_is_signed_exactly_so() {
    let vectors = vectors();
    // The first version of a signed session: what a request makes that sets these fields at that moment.
    let fresh = |vector: &&Opened| vector.kind == Kind::SignedCookie && vector.version == 1;
    let mut tested = 0;
    for vector in vectors.opened.iter().filter(fresh) {
        let mut store = vector.kind.store(vectors.key(vector.key));
        if let Some(block) = vector.pad {
            store = store.pad(block);
        }
        let life = Duration::from_millis(vector.expires - vector.created);
        let layer = SessionLayer::new(store).clock(clock_at(vector.created)).expiry(Expiry::lifetime(life));
        let layer = layer.cookie(SessionCookie::new(&*vector.cookie));
        let mut visitor = Visitor::through(layer);
        let value = |name: &str| {
            let value = vector.entries.get(name)?;
            Some(serde_json::from_str::<String>(value).expect("text"))
        };
        let (some, key) = (value("some"), value("key"));
        let set = |notes: &mut Session<Notes>| {
            *notes.some_mut() = some;
            *notes.key_mut() = key;
        };
        let answer = visitor.visit::<Notes>(set).await;
        assert_eq!(answer.set_cookie().value, vector.token, "{}", vector.what);
        tested += 1;
    }
    assert_eq!(tested, 2);
}

#[tokio::test]
async fn a_signed_id_is_the_id_beside_it_and_signed_exactly_so() {
    let vectors = vectors();
    for vector in &vectors.signed_ids {
        let clock = Clock::manual();
        let store = MemoryStore::new().clock(clock.clone());
        let id = SessionId::parse(vector.id.as_bytes()).expect("an id");
        let record = Record::new(clock.now(), clock.now() + Duration::from_mins(1));
        let record = record.apply(&delta(&[("some", br#""data""#)]));
        store.insert(&id.store_key(), &record).await.expect("an answer");
        let layer = SessionLayer::new(store).signed_ids(vectors.key(vector.key));
        let layer = layer.clock(clock.clone()).expiry(Expiry::idle(Duration::from_mins(1)));
        let mut client = holding(layer, &vector.cookie, &vector.token);
        assert_eq!(client.get("/view").await.text(), r#"{"some":"data"}"#);
        // A due touch sends the cookie again, signed anew.
        clock.advance(Duration::from_secs(30));
        assert_eq!(client.get("/view").await.set_cookie().value, vector.token);
    }
}

#[tokio::test]
async fn t46_s32_s33_s34_nothing_else_opens_and_the_reason_is_told() {
    let vectors = vectors();
    for vector in &vectors.refused {
        let mut keys = KeyRing::new(vectors.key(vector.key));
        if let Some(also) = vector.also {
            keys = keys.opens(vectors.key(also));
        }
        if let Some(revoked) = vector.revoked {
            keys = keys.revokes(vectors.keys[revoked].id.parse().expect("a key id"));
        }
        let mut client = holding(vector.kind.layer(keys), &vector.cookie, &vector.token);
        let shown = format!("{:?}, {}", vector.kind, vector.what);
        let answer = client.get("/view").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "{}"), "{shown}");
        assert!(answer.sets_no_cookie(), "{shown}");
        assert_eq!(client.get("/origin").await.text(), vector.origin, "{shown}");
    }
    assert!(vectors.refused.len() >= 60);
}
