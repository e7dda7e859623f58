//! How a session is packed before it is sealed: T70 and T71.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_runtime::{CookieStore, Key, Session};
use session_tests::{Notes, Visitor};
use std::collections::BTreeSet;

use super::{key, noise, visitor};

/// The header, the nonce and the tag of what is sealed.
const SEALED: usize = 5 + 24 + 16;
/// The header and the code of what is signed.
const SIGNED: usize = 5 + 32;

/// What stands in the visitor's cookie.
fn token(visitor: &Visitor) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(visitor.held()).expect("base64url")
}

#[tokio::test]
async fn t70_two_sealings_of_one_session_differ_and_two_signings_do_not() {
    for (store, differ) in [(CookieStore::new(key()), true), (CookieStore::signed(key()), false)] {
        let (mut visitor, _) = visitor(store, |layer| layer);
        let mut tokens = BTreeSet::new();
        for _ in 0..20 {
            let answer = visitor.send(visitor.request("/update?some=data")).await;
            tokens.insert(answer.set_cookie().value.to_owned());
        }
        assert_eq!(tokens.len(), if differ { 20 } else { 1 });
        visitor.set_cookie("__Host-id", tokens.first().expect("a token"));
        assert_eq!(visitor.get("/view").await.text(), r#"{"some":"data"}"#);
    }
}

#[tokio::test]
async fn t70_no_nonce_comes_twice() {
    let (visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    let mut nonces = BTreeSet::new();
    for _ in 0..1000 {
        let answer = visitor.send(visitor.request("/update?some=data")).await;
        let token = URL_SAFE_NO_PAD.decode(answer.set_cookie().value).expect("base64url");
        nonces.insert(token[5..29].to_vec());
    }
    assert_eq!(nonces.len(), 1000);
}

#[tokio::test]
async fn s04_what_is_sealed_shows_nothing_and_what_is_signed_can_be_read() {
    for (store, readable) in [(CookieStore::new(key()), false), (CookieStore::signed(key()), true)] {
        let (mut visitor, _) = visitor(store, |layer| layer);
        visitor.get("/update?some=hunter2").await;
        let token = token(&visitor);
        for part in [&b"hunter2"[..], b"some", b"\"h"] {
            assert_eq!(token.windows(part.len()).any(|window| window == part), readable);
        }
    }
}

#[tokio::test]
async fn t71_what_is_padded_has_a_length_that_is_a_multiple_of_the_block() {
    for block in [1, 16, 64, 100, 1024] {
        let stores = [(CookieStore::new(key()), SEALED), (CookieStore::signed(key()), SIGNED)];
        for (store, overhead) in stores {
            let (mut visitor, _) = visitor(store.pad(block), |layer| layer);
            let mut lengths = BTreeSet::new();
            for length in (0..200).step_by(7) {
                let some = noise(length);
                let kept = some.clone();
                visitor.visit::<Notes>(move |notes| notes.set_some(some)).await;
                visitor.visit::<Notes>(move |notes| assert_eq!(notes.some(), Some(&kept))).await;
                let contents = token(&visitor).len() - overhead;
                assert_eq!(contents % block, 0, "{length} characters, blocks of {block}");
                lengths.insert(contents);
            }
            assert!(lengths.len() <= 200 / block + 2, "{} lengths, blocks of {block}", lengths.len());
        }
    }
}

#[tokio::test]
async fn t71_a_block_that_is_full_is_not_cut() {
    // The padding is at least a byte: what fills a block by itself needs another.
    let (mut visitor, _) = visitor(CookieStore::new(key()).pad(16), |layer| layer);
    for length in 0..40 {
        let some = "\0".repeat(length);
        let kept = some.clone();
        visitor.visit::<Notes>(move |notes| notes.set_some(some)).await;
        visitor.visit::<Notes>(move |notes| assert_eq!(notes.some(), Some(&kept))).await;
    }
}

#[tokio::test]
async fn t71_what_is_compressed_and_padded_comes_back() {
    for store in [CookieStore::new(key()), CookieStore::signed(key())] {
        let (mut visitor, _) = visitor(store.compress(32), |layer| layer);
        for some in [String::new(), "x".into(), "same ".repeat(3000), noise(2000), "Grüße aus 東京".repeat(50)] {
            let kept = some.clone();
            let answer = visitor.visit::<Notes>(move |notes| notes.set_some(some)).await;
            assert_eq!(answer.status, StatusCode::OK);
            visitor.visit::<Notes>(move |notes| assert_eq!(notes.some(), Some(&kept))).await;
        }
    }
}

#[tokio::test]
async fn t71_a_packing_is_changed_without_signing_anyone_out() {
    let key = key();
    let store = || CookieStore::new(key.clone());
    let stores = [store(), store().pad(64), store().compress(64), store(), store().compress(32).pad(100)];
    let mut held = None;
    for (count, store) in (1..).zip(stores) {
        let (mut visitor, _) = visitor(store, |layer| layer);
        if let Some(held) = held {
            visitor.set_cookie("__Host-id", held);
        }
        visitor.visit::<Notes>(|notes| notes.set_some("same ".repeat(100))).await;
        assert_eq!(visitor.get("/count").await.text(), count.to_string());
        held = Some(&*visitor.held().leak());
    }
}

#[tokio::test]
async fn t71_compression_saves_bytes_where_there_are_any_to_save() {
    let lengths = async |store: CookieStore, some: String| {
        let (mut visitor, _) = visitor(store, |layer| layer);
        visitor.visit::<Notes>(|notes| notes.set_some(some)).await;
        token(&visitor).len()
    };
    let key: Key = key();
    let (plain, packed) = (CookieStore::new(key.clone()).pad(32), CookieStore::new(key).compress(32));
    let same = "same ".repeat(400);
    assert!(lengths(packed.clone(), same.clone()).await * 10 < lengths(plain.clone(), same).await);
    let noise: String = noise(1000);
    assert!(lengths(packed, noise.clone()).await <= lengths(plain, noise).await);
}

#[tokio::test]
async fn t49_a_session_that_is_small_only_when_it_is_compressed_has_an_end_too() {
    let (mut visitor, _) = visitor(CookieStore::new(key()).compress(32), |layer| layer);
    let grow = |length: usize| move |notes: &mut Session<Notes>| notes.set_some("x".repeat(length));
    // Beside the value stand its quotes, its name, its lengths and the count: 2 + 4 + 1 + 3 + 2.
    assert_eq!(visitor.visit::<Notes>(grow(65_536 - 12)).await.status, StatusCode::OK);
    visitor.visit::<Notes>(|notes| assert_eq!(notes.some().map(String::len), Some(65_536 - 12))).await;
    assert_eq!(visitor.visit::<Notes>(grow(65_536 - 11)).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    let save = async |handle: session_runtime::SessionHandle| {
        let mut notes = session_tests::load::<Notes>(&handle).await;
        notes.set_some("x".repeat(70_000));
        let error = notes.save().await.expect_err("too large");
        assert!(error.is_too_large() && error.field() == Some("some"), "{error}");
        // Compressed it would be few, and nobody would know what is wrong.
        assert!(error.to_string().contains("would be 93467 bytes"), "{error}");
        notes.discard();
    };
    assert_eq!(visitor.act(save).await.status, StatusCode::OK);
    visitor.visit::<Notes>(|notes| assert_eq!(notes.some().map(String::len), Some(65_536 - 12))).await;
}

#[test]
#[should_panic(expected = "padding to 0 bytes: 1 to 1024 are possible")]
fn t71_blocks_of_nothing_do_not_start() {
    let _ = CookieStore::new(key()).pad(0);
}

#[test]
#[should_panic(expected = "padding to 1025 bytes: 1 to 1024 are possible")]
fn t71_blocks_for_which_a_cookie_has_no_room_do_not_start() {
    let _ = CookieStore::new(key()).pad(1025);
}

#[test]
#[should_panic(expected = "compressing, and padding to 31 bytes: 32 to 1024 are possible")]
fn t71_compression_does_not_start_without_padding_that_blurs_it() {
    let _ = CookieStore::new(key()).compress(31);
}

#[test]
#[should_panic(expected = "padding to 1 bytes: 32 to 1024 are possible")]
fn t71_padding_that_blurs_nothing_does_not_start_after_compression_either() {
    let _ = CookieStore::new(key()).compress(32).pad(1);
}
