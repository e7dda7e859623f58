//! Known answers: `tests/vectors/fields.json` was made by another program from the documents alone.

use axum::Json;
use serde::Deserialize;
use session_runtime::record::Record;
use session_runtime::{Clock, Expiry, Key, KeyRing, Session, SessionHandle, SessionLayer};
use std::slice;
use std::time::Duration;

use session_tests::{Logs, Scripted, Visitor, clock_at, from_hex, hex, load};

#[derive(Session)]
struct Account {
    open: Option<String>,
    #[session(ttl = "10m")]
    otp: Option<String>,
    #[session(sealed)]
    token: Option<String>,
    #[session(sealed, rename = "größe")]
    size: Option<String>,
    #[session(sealed, rename = "a name that is so long that it does not fit beside a binding where others do")]
    long: Option<String>,
    #[session(sealed, ttl = "10m")]
    code: Option<String>,
}

const LONG: &str = "a name that is so long that it does not fit beside a binding where others do";

/// The time of the field `otp`, in milliseconds.
const TTL: u64 = 600_000;
/// The start of the year 2100, before every end.
const NOW: u64 = 4_102_444_800_000;

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<NamedKey>,
    opened: Vec<Opened>,
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
    field: String,
    value: String,
    end: Option<u64>,
    key: Option<usize>,
    bindings: Option<String>,
    stored: String,
}

#[derive(Deserialize)]
struct Refused {
    what: String,
    field: String,
    key: usize,
    also: Option<usize>,
    revoked: Option<usize>,
    bindings: String,
    stored: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../vectors/fields.json")).expect("the vectors")
}

impl Vectors {
    fn key(&self, index: usize) -> Key {
        Key::from_hex(&self.keys[index].hex).expect("a key")
    }
}

/// A session that holds one field, and somebody who has its cookie.
struct Planted {
    store: Scripted,
    visitor: Visitor,
    record: Record,
}

impl Planted {
    async fn new(clock: &Clock, keys: impl Into<KeyRing>, bindings: &str, (field, stored): (&str, &str)) -> Self {
        let (bindings, stored) = (from_hex(bindings), from_hex(stored));
        let entries = [("@b", &bindings[..]), (field, &stored[..])];
        let record = Record::from_entries(entries, clock.now(), clock.now() + Expiry::MAX).expect("a record");
        let store = Scripted::with_clock(clock);
        let id = store.plant_record(&record).await;
        let visitor = Visitor::through(layer(&store, clock).keys(keys)).holding(&id);
        Self { store, visitor, record }
    }

    /// The fields that are there; reading them changes nothing.
    async fn read(&mut self) -> Vec<(String, String)> {
        let answer = self.visitor.act(async |handle: SessionHandle| {
            let Account { open, otp, token, size, long, code } = load::<Account>(&handle).await.snapshot();
            Json([("open", open), ("otp", otp), ("token", token), ("größe", size), (LONG, long), ("code", code)])
        });
        let all: [(String, Option<String>); 6] = serde_json::from_str(answer.await.text()).expect("fields");
        assert_eq!(self.stored().await.buffer(), self.record.buffer());
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    async fn stored(&self) -> Record {
        self.store.record(&self.visitor.held()).await.expect("a record")
    }
}

/// A layer whose sessions outlive their fields.
fn layer(store: &Scripted, clock: &Clock) -> SessionLayer {
    SessionLayer::new(store.clone()).clock(clock.clone()).expiry(Expiry::lifetime(Expiry::MAX))
}

#[tokio::test]
async fn t70_every_stored_value_is_read_as_the_one_beside_it_until_its_end() {
    let vectors = vectors();
    for vector in &vectors.opened {
        let clock = clock_at(vector.end.map_or(NOW, |end| end - 1));
        let key = vectors.key(vector.key.unwrap_or_default());
        let bindings = vector.bindings.as_deref().unwrap_or_default();
        let mut planted = Planted::new(&clock, key, bindings, (&vector.field, &vector.stored)).await;
        let value = (vector.field.clone(), vector.value.clone());
        assert_eq!(planted.read().await, slice::from_ref(&value), "{}", vector.what);
        clock.advance(Duration::from_millis(1));
        let left = if vector.end.is_some() { vec![] } else { vec![value] };
        assert_eq!(planted.read().await, left, "{}", vector.what);
    }
}

#[tokio::test]
async fn what_is_timed_is_stored_exactly_so() {
    let (vectors, mut tested) = (vectors(), 0);
    for vector in vectors.opened.iter().filter(|vector| vector.field == "otp") {
        let clock = clock_at(vector.end.expect("an end") - TTL);
        let mut planted = Planted::new(&clock, vectors.key(0), "", ("open", "")).await;
        let value = vector.value.clone();
        planted.visitor.visit::<Account>(move |account| account.set_otp(value)).await;
        let stored = planted.stored().await;
        assert_eq!(hex(stored.get("otp").expect("a value")), vector.stored, "{}", vector.what);
        tested += 1;
    }
    assert_eq!(tested, 2);
}

#[tokio::test]
async fn s32_s33_s34_nothing_else_is_read_and_what_is_stored_stays() {
    let vectors = vectors();
    for vector in &vectors.refused {
        let mut keys = KeyRing::new(vectors.key(vector.key));
        if let Some(also) = vector.also {
            keys = keys.opens(vectors.key(also));
        }
        if let Some(revoked) = vector.revoked {
            keys = keys.revokes(vectors.keys[revoked].id.parse().expect("a key id"));
        }
        let field = (&*vector.field, &*vector.stored);
        let mut planted = Planted::new(&clock_at(NOW), keys, &vector.bindings, field).await;
        let logs = Logs::capture();
        assert_eq!(planted.read().await, [], "{}", vector.what);
        assert!(logs.text().contains("does not decode"), "{}", vector.what);
    }
    assert!(vectors.refused.len() >= 30);
}
