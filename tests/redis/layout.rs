//! What the docs of `RedisStore` say about its hashes, byte for byte: operators and programs in other languages rely on it.

use std::collections::BTreeMap;
use std::time::Duration;

use session_runtime::record::Record;
use session_runtime::{Expiry, SessionStore as _, StoreKey};
use session_tests::{Visits, delta};

use crate::support::{PREFIX, Watched, name_of};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

impl Watched {
    /// The hash under a key, but for its stamps; and those, of eight bytes each, the newest first.
    fn layout(&self, key: &str) -> (BTreeMap<String, String>, Vec<Vec<u8>>) {
        let mut hash = self.hash(key);
        hash.remove("@s");
        let stamps = self.bytes(key, "@s");
        let (stamps, []) = stamps.as_chunks::<8>() else { panic!("eight bytes each") };
        (hash, stamps.iter().map(|stamp| stamp.to_vec()).collect())
    }

    /// So many milliseconds since 1970, in decimal.
    fn moment(&self, from_now: Duration) -> String {
        (self.clock.now() + from_now).as_millis().to_string()
    }
}

fn hash<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
    entries.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The text of the key without its prefix.
fn text(key: &str) -> &str {
    key.strip_prefix(PREFIX).expect("a key with the prefix")
}

#[tokio::test]
async fn a_session_is_a_hash_of_its_fields_and_of_what_there_is_to_know() {
    let mut watched = Watched::new().await;
    watched.get("/update?some=data").await;
    let (key, created, first_end) = (watched.key(), watched.moment(Duration::ZERO), watched.moment(24 * HOUR));
    let about = [("@created", &*created), ("@expires", &*first_end)];
    let (first, first_stamps) = watched.layout(&key);
    assert_eq!(first, hash([about[0], about[1], ("@version", "1"), ("some", "\"data\"")]));
    assert_eq!(first_stamps.len(), 1);

    watched.wait(HOUR);
    watched.get("/count").await;
    watched.get("/update?some=Ada%20%22L%22").await;
    let (second, second_stamps) = watched.layout(&key);
    let fields = [("hits", "1"), ("some", r#""Ada \"L\"""#)];
    assert_eq!(second, hash([about[0], about[1], ("@version", "3"), fields[0], fields[1]]));
    assert_eq!((second_stamps.len(), &second_stamps[2]), (3, &first_stamps[0]));

    for _ in 0..4 {
        watched.get("/count").await;
    }
    let (third, third_stamps) = watched.layout(&key);
    assert_eq!((&*third["hits"], &*third["@version"], third_stamps.len()), ("5", "7", 4));
    watched.get("/clear").await;
    assert!(!watched.hash(&key).contains_key("some"));
}

#[tokio::test]
async fn a_lifetime_of_its_own_and_an_owner_stand_among_the_names() {
    let mut watched = Watched::new().await;
    watched.visit::<Visits>(|visits| visits.set_hits(7)).await;
    watched.visit::<Visits>(|visits| visits.set_lifetime(720 * HOUR)).await;
    let (remembered, _) = watched.layout(&watched.key());
    assert_eq!((&*remembered["@l"], &*remembered["@expires"]), ("2592000000", &*watched.moment(720 * HOUR)));

    let key = StoreKey::from_bytes([7; 32]);
    let now = watched.clock.now();
    let record = Record::new(now, now + HOUR).apply(&delta(&[("hits", b"7")]));
    watched.store.insert(&key, &record.owned_by(Some("ada@example.org".into()))).await.unwrap();
    assert_eq!(name_of(&key), format!("{PREFIX}BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"));
    assert_eq!(watched.hash(&name_of(&key))["@principal"], "ada@example.org");
}

#[tokio::test]
async fn a_new_id_leaves_where_its_session_went_and_no_value() {
    let mut watched = Watched::new().await;
    watched.get("/count").await;
    let old = watched.key();
    watched.wait(MINUTE);
    watched.visit::<Visits>(|visits| visits.regenerate_id()).await;
    let new = watched.key();
    let end = watched.moment(Duration::from_secs(10));
    assert_eq!(watched.hash(&old), hash([("@moved", text(&new)), ("@expires", &end)]));
    let (moved, stamps) = watched.layout(&new);
    assert_eq!((&*moved["hits"], &*moved["@version"], &moved["@r"]), ("1", "2", &watched.moment(Duration::ZERO)));
    assert_eq!(stamps.len(), 2);
}

#[tokio::test]
async fn a_rotation_leaves_that_every_request_is_shown_the_way() {
    let rotating = Expiry::default().rotate_every(HOUR).rotation_grace(MINUTE);
    let mut watched = Watched::with(|layer| layer.expiry(rotating)).await;
    watched.get("/count").await;
    let old = watched.key();
    watched.wait(HOUR);
    watched.get("/count").await;
    let (new, end) = (watched.key(), watched.moment(MINUTE));
    assert_eq!(watched.hash(&old), hash([("@moved", text(&new)), ("@shown", "1"), ("@expires", &end)]));
}

#[tokio::test]
async fn a_sign_out_leaves_for_a_minute_which_commits_made_the_session_and_no_value() {
    let mut watched = Watched::new().await;
    watched.get("/count").await;
    let key = watched.key();
    let (_, stamps) = watched.layout(&key);
    watched.get("/destroy").await;
    let (left, left_stamps) = watched.layout(&key);
    assert_eq!(left.keys().collect::<Vec<_>>(), ["@ended", "@expires"]);
    assert_eq!((&left["@expires"], left_stamps), (&watched.moment(MINUTE), stamps));
    assert_eq!(watched.bytes(&key, "@ended").len(), 8);
}

#[tokio::test]
async fn a_session_that_is_emptied_leaves_the_same() {
    let mut watched = Watched::new().await;
    watched.get("/update?some=data").await;
    let key = watched.key();
    watched.get("/clear").await;
    let (left, stamps) = watched.layout(&key);
    assert_eq!(left.keys().collect::<Vec<_>>(), ["@ended", "@expires"]);
    assert_eq!(watched.bytes(&key, "@ended"), stamps[0], "the commit that emptied it");
}
