//! How values are kept: T69. And how a session is called: T72.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use session_runtime::{Bincode, DecodeError, EncodeError, Json, MessagePack, Schema, Serializer, Session, Tag};

use session_tests::{Logs, Scripted, Visitor};

#[derive(Serialize, Deserialize, Default, Clone, PartialEq, Debug)]
struct Cart {
    owner: String,
    items: Vec<(u32, String)>,
    discount: Option<f64>,
    note: Kind,
}

#[derive(Serialize, Deserialize, Default, Clone, PartialEq, Debug)]
enum Kind {
    #[default]
    Plain,
    Wrapped {
        ribbon: bool,
    },
}

fn cart() -> Cart {
    Cart {
        owner: "Zoë \u{1F6D2}\n\0".to_owned(),
        items: vec![(0, String::new()), (u32::MAX, "tea".to_owned())],
        discount: Some(-0.5),
        note: Kind::Wrapped { ribbon: true },
    }
}

/// Inverted JSON, under a tag of its own.
struct Inverted;

impl Serializer for Inverted {
    const TAG: Tag = Tag::custom(0x80);

    fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let json = serde_json::to_vec(value).map_err(EncodeError::new)?;
        out.extend(json.iter().map(|byte| !byte));
        Ok(())
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
        let json: Vec<_> = bytes.iter().map(|byte| !byte).collect();
        serde_json::from_slice(&json).map_err(DecodeError::new)
    }
}

#[derive(Session)]
struct InJson {
    cart: Cart,
}

#[derive(Session)]
#[session(serializer = Bincode)]
struct InBincode {
    cart: Cart,
}

#[derive(Session)]
#[session(serializer = MessagePack)]
struct InMessagePack {
    cart: Cart,
}

#[derive(Session)]
#[session(serializer = Inverted)]
struct InInverted {
    cart: Cart,
}

/// One field of each format.
#[derive(Session)]
#[session(serializer = Bincode)]
struct Mixed {
    first: Option<u32>,
    #[session(serializer = Json)]
    second: Option<u32>,
    #[session(serializer = MessagePack)]
    third: Option<u32>,
    #[session(serializer = Inverted)]
    fourth: Option<u32>,
}

/// What the tests do with a cart, whatever its format.
trait Carts: Schema {
    fn get(session: &Session<Self>) -> &Cart;
    fn lend(session: &mut Session<Self>) -> &mut Cart;
    fn set(session: &mut Session<Self>, cart: Cart);
}

macro_rules! carts {
    ($($schema:ty),*) => {$(
        impl Carts for $schema {
            fn get(session: &Session<Self>) -> &Cart {
                session.cart()
            }
            fn lend(session: &mut Session<Self>) -> &mut Cart {
                session.cart_mut()
            }
            fn set(session: &mut Session<Self>, cart: Cart) {
                session.set_cart(cart);
            }
        }
    )*};
}

carts!(InJson, InBincode, InMessagePack, InInverted);

/// A session whose cart was written by `W`.
async fn written<W: Carts>() -> (Scripted, Visitor) {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    visitor.visit::<W>(|session| W::set(session, cart())).await;
    store.asked();
    (store, visitor)
}

/// A session whose cart has these bytes.
async fn planted(bytes: &[u8]) -> (Scripted, Visitor) {
    let store = Scripted::default();
    let id = store.plant(&[("cart", bytes)]).await;
    let visitor = Visitor::of(&store).holding(&id);
    (store, visitor)
}

/// The cart's bytes.
async fn stored(store: &Scripted, visitor: &Visitor) -> Vec<u8> {
    let record = store.record(&visitor.held()).await.expect("a record");
    record.get("cart").expect("a cart").to_vec()
}

/// Asserts that `R` reads this cart, and returns whether it warned.
async fn assert_reads<R: Carts>(visitor: &mut Visitor, expected: Cart) -> bool {
    let logs = Logs::capture();
    visitor.visit::<R>(move |session| assert_eq!(*R::get(session), expected)).await;
    logs.text().starts_with("WARN")
}

async fn assert_round_trip<W: Carts>(first_byte: u8) {
    let (store, mut visitor) = written::<W>().await;
    assert_eq!(stored(&store, &visitor).await[0], first_byte);
    assert!(!assert_reads::<W>(&mut visitor, cart()).await);
}

#[tokio::test]
async fn t69_every_format_reads_what_it_wrote_and_shows_itself_in_the_first_byte() {
    assert_round_trip::<InJson>(b'{').await;
    assert_round_trip::<InBincode>(0x01).await;
    assert_round_trip::<InMessagePack>(0x02).await;
    assert_round_trip::<InInverted>(0x80).await;
}

#[tokio::test]
async fn t69_json_is_stored_as_the_text_that_it_is() {
    let (store, visitor) = written::<InJson>().await;
    let text = serde_json::to_vec(&cart()).expect("JSON");
    assert_eq!(stored(&store, &visitor).await, text);
}

#[test]
fn t69_a_float_reads_as_the_float_that_was_written() {
    let (mut text, mut float) = (Vec::new(), 3.333_333_333_331_233_4e43_f64);
    for _ in 0..1000 {
        Json::encode(&float, &mut text).expect("encoded");
        assert_eq!(Json::decode::<f64>(&text).expect("decoded").to_bits(), float.to_bits());
        text.clear();
        float = f64::from_bits(float.to_bits() + 1);
    }
}

#[tokio::test]
async fn t69_a_field_may_have_a_format_of_its_own() {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    visitor
        .visit::<Mixed>(|mixed| {
            mixed.set_first(1);
            mixed.set_second(2);
            mixed.set_third(3);
            mixed.set_fourth(4);
        })
        .await;
    let record = store.record(&visitor.held()).await.expect("a record");
    let expected: [(&str, &[u8]); 4] =
        [("first", &[0x01, 1]), ("second", b"2"), ("third", &[0x02, 3]), ("fourth", &[0x80, !b'4'])];
    for (name, bytes) in expected {
        assert_eq!(record.get(name), Some(bytes), "{name}");
    }
    visitor
        .visit::<Mixed>(|mixed| {
            let all = [mixed.first(), mixed.second(), mixed.third(), mixed.fourth()];
            assert_eq!(all, [Some(1), Some(2), Some(3), Some(4)]);
        })
        .await;
}

/// What `W` wrote, `R` reads, leaves as it is, and writes in its own format once it changes.
async fn assert_migrates<W: Carts, R: Carts>() {
    let (store, mut visitor) = written::<W>().await;
    let before = stored(&store, &visitor).await;
    assert!(!assert_reads::<R>(&mut visitor, cart()).await);
    visitor.visit::<R>(|session| drop(R::lend(session).clone())).await;
    assert_eq!(store.asked(), "load; load");
    assert_eq!(stored(&store, &visitor).await, before);
    visitor.visit::<R>(|session| R::lend(session).owner.clear()).await;
    let changed = Cart { owner: String::new(), ..cart() };
    let (fresh, newcomer) = written::<R>().await;
    let own = stored(&fresh, &newcomer).await[0];
    assert_eq!(stored(&store, &visitor).await[0], own);
    assert!(!assert_reads::<R>(&mut visitor, changed.clone()).await);
    assert!(!assert_reads::<W>(&mut visitor, changed).await);
}

#[tokio::test]
async fn t69_a_schema_may_change_its_format_while_sessions_in_the_old_one_live_on() {
    assert_migrates::<InJson, InBincode>().await;
    assert_migrates::<InJson, InMessagePack>().await;
    assert_migrates::<InBincode, InJson>().await;
    assert_migrates::<InBincode, InMessagePack>().await;
    assert_migrates::<InMessagePack, InJson>().await;
    assert_migrates::<InMessagePack, InBincode>().await;
}

#[tokio::test]
async fn t69_setting_the_same_value_again_moves_it_to_the_schemas_format() {
    let (store, mut visitor) = written::<InJson>().await;
    visitor.visit::<InBincode>(|session| session.set_cart(cart())).await;
    assert_eq!(stored(&store, &visitor).await[0], 0x01);
}

#[tokio::test]
async fn t69_s37_a_format_that_nobody_here_reads_is_kept_until_it_is_written() {
    let (store, mut visitor) = written::<InInverted>().await;
    let before = stored(&store, &visitor).await;
    assert!(assert_reads::<InJson>(&mut visitor, Cart::default()).await);
    visitor.visit::<InJson>(|session| session.cart_mut().owner.clear()).await;
    assert_eq!(store.asked(), "load; load");
    assert_eq!(stored(&store, &visitor).await, before);
    assert!(!assert_reads::<InInverted>(&mut visitor, cart()).await);
}

/// The bytes read as the default with a warning, in every format, and stay.
async fn assert_undecodable(bytes: &[u8]) {
    let (store, mut visitor) = planted(bytes).await;
    let shown = bytes.escape_ascii();
    assert!(assert_reads::<InJson>(&mut visitor, Cart::default()).await, "{shown}");
    assert!(assert_reads::<InBincode>(&mut visitor, Cart::default()).await, "{shown}");
    assert!(assert_reads::<InMessagePack>(&mut visitor, Cart::default()).await, "{shown}");
    assert_eq!(store.asked(), "load; load; load", "{shown}");
    assert_eq!(stored(&store, &visitor).await, bytes, "{shown}");
}

#[tokio::test]
async fn t69_s37_no_bytes_at_all_are_the_default() {
    assert_undecodable(b"").await;
}

#[tokio::test]
async fn t69_s37_a_value_that_is_cut_short_or_followed_by_more_is_undecodable() {
    let mut values = Vec::new();
    let (store, visitor) = written::<InJson>().await;
    values.push(stored(&store, &visitor).await);
    let (store, visitor) = written::<InBincode>().await;
    values.push(stored(&store, &visitor).await);
    let (store, visitor) = written::<InMessagePack>().await;
    values.push(stored(&store, &visitor).await);
    for value in values {
        assert_undecodable(&value[..value.len() - 1]).await;
        assert_undecodable(&[&value[..], b"0"].concat()).await;
        assert_undecodable(&[&value[..], &value[..]].concat()).await;
        assert_undecodable(&value[..1]).await;
    }
}

#[tokio::test]
async fn t69_s37_lengths_that_lie_are_undecodable_and_cost_nothing() {
    for bytes in [
        &[0x01, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
        &[0x02, 0xdd, 0xff, 0xff, 0xff, 0xff],
        &[0x02, 0xdf, 0xff, 0xff, 0xff, 0xff],
        &[0x02, 0xc6, 0xff, 0xff, 0xff, 0xff],
        &[0x1e, 0x80],
        &[0x1f, 0x00],
        &[0xff; 16],
    ] {
        assert_undecodable(bytes).await;
    }
    assert_undecodable("[".repeat(100_000).as_bytes()).await;
    assert_undecodable(&[vec![0x02], b"\x91".repeat(100_000)].concat()).await;
}

#[test]
#[should_panic(expected = "0x80 to 0xff")]
fn t69_a_custom_tag_is_none_of_the_built_in_ones() {
    let _ = Tag::custom(0x7f);
}

#[tokio::test]
async fn t72_the_id_is_none_before_creation_and_what_the_cookie_holds_afterwards() {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    visitor
        .act(async |handle| {
            let mut session = handle.load::<Mixed>().await.expect("a session");
            assert_eq!(session.id(), None);
            session.set_first(1);
            assert_eq!(session.id(), None);
            session.save().await.expect("saved");
            session.id().expect("an id").as_str().to_owned()
        })
        .await;
    let held = visitor.held();
    visitor
        .visit::<Mixed>(move |session| {
            assert_eq!(session.id().expect("an id").as_str(), held);
        })
        .await;
}

/// A type that is as deep as its bytes say.
#[derive(Serialize, Deserialize, Default, Debug)]
struct Tree(Vec<Tree>);

#[derive(Session)]
struct Forest {
    cart: Tree,
}

/// The bytes are far too deep, and read as the default with a warning.
async fn assert_too_deep(bytes: &[u8]) {
    let logs = Logs::capture();
    let (_, mut visitor) = planted(bytes).await;
    visitor.visit::<Forest>(|session| assert!(session.cart().0.is_empty())).await;
    assert!(logs.text().starts_with("WARN"), "{}", logs.text());
}

const DEPTH: usize = 100_000;

#[tokio::test]
async fn t69_s37_json_that_nests_too_deeply_is_undecodable() {
    assert_too_deep(&b"[".repeat(DEPTH)).await;
    assert_too_deep(&[b"[".repeat(DEPTH), b"]".repeat(DEPTH)].concat()).await;
}

#[tokio::test]
async fn t69_s37_message_pack_that_nests_too_deeply_is_undecodable() {
    assert_too_deep(&[vec![0x02], b"\x91".repeat(DEPTH), vec![0x90]].concat()).await;
}
