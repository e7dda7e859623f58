//! Where keys come from, and what is said of those that are none: T72, security lines 25 and 34.

use std::error::Error as _;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use session_runtime::{CookieStore, Key, KeyError, KeyId, KeyRing, SessionLayer};

use session_tests::hex;

/// Bytes whose base64 has every character in which the alphabets differ, and padding.
fn bytes() -> Vec<u8> {
    (0..40_u8).map(|byte| byte.wrapping_mul(251) | 0x0f).collect()
}

fn key() -> Key {
    Key::from_bytes(bytes()).expect("a key")
}

/// A file of this text, until it is dropped.
struct TextFile(PathBuf);

impl TextFile {
    fn new(name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = std::env::temp_dir().join(format!("session-tests-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a file");
        Self(path)
    }
}

impl Drop for TextFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn every_spelling_of_base64_is_the_same_key() {
    let (standard, url) = (STANDARD.encode(bytes()), URL_SAFE.encode(bytes()));
    assert!(standard.contains(['+', '/']) && standard.ends_with('='), "{standard}");
    assert!(url.contains(['-', '_']), "{url}");
    let bare = [STANDARD_NO_PAD.encode(bytes()), URL_SAFE_NO_PAD.encode(bytes())];
    for text in [standard, url].into_iter().chain(bare) {
        for text in [text.clone(), format!("{text}\n"), format!(" \t{text}\r\n")] {
            assert_eq!(Key::from_base64(&text).expect("a key"), key(), "{text:?}");
        }
    }
}

#[test]
fn either_case_of_hexadecimal_is_the_same_key() {
    let digits = hex(&bytes());
    let mixed = digits.replace('a', "A");
    for text in [digits.clone(), digits.to_ascii_uppercase(), mixed, format!("\n {digits}\t")] {
        assert_eq!(Key::from_hex(&text).expect("a key"), key(), "{text:?}");
    }
}

#[test]
fn keys_are_equal_whose_bytes_are_and_so_are_their_ids() {
    assert_eq!(key(), key());
    assert_eq!(key().id(), key().id());
    let mut others = Vec::new();
    for byte in 0..bytes().len() {
        let mut other = bytes();
        other[byte] ^= 1;
        others.push(Key::from_bytes(other).expect("a key"));
    }
    others.push(Key::from_bytes(&bytes()[..39]).expect("a key"));
    others.extend((0..20).map(|_| Key::generate().expect("random bytes")));
    for (place, other) in others.iter().enumerate() {
        assert_ne!(*other, key());
        assert_ne!(other.id(), key().id());
        assert!(!others[..place].contains(other));
    }
}

#[test]
fn t72_s34_fewer_than_32_bytes_are_no_key_wherever_they_come_from() {
    for length in [0, 1, 16, 31] {
        let short = &bytes()[..length];
        let (base64, digits) = (STANDARD.encode(short), hex(short));
        let file = TextFile::new(&format!("short-{length}"), &base64);
        let tried =
            [Key::from_bytes(short), Key::from_base64(&base64), Key::from_hex(&digits), Key::from_file(&file.0)];
        for key in tried {
            let error = key.expect_err("too short");
            assert!(error.is_too_short() && !error.is_malformed() && !error.is_missing() && !error.is_random());
            assert!(error.to_string().contains(&format!("has {length} bytes, at least 32 are needed")), "{error}");
        }
    }
    assert!(Key::from_bytes(&bytes()[..32]).is_ok());
}

/// Text that is neither base64 nor hexadecimal, though long enough.
fn malformed() -> Vec<String> {
    let (base64, digits) = (STANDARD.encode(bytes()), hex(&bytes()));
    vec![
        "correct horse battery staple, correct horse battery staple".to_owned(),
        format!("{base64}!"),
        format!("\"{base64}\""),
        format!("{} {}", &base64[..20], &base64[20..]),
        base64.replacen('/', "_", 1),
        format!("{base64}="),
        base64[..53].to_owned(),
        format!("0x{digits}!"),
        digits.replacen('f', "g", 1) + "g",
        digits[1..].to_owned(),
        format!("{digits}é"),
    ]
}

fn assert_says_how_and_not_what(error: &KeyError, text: &str) {
    let shown = format!("{error} {error:?}");
    assert!(error.to_string().ends_with("; `openssl rand -base64 32` makes a key"), "{error}");
    for part in text.trim().as_bytes().windows(8) {
        assert!(!shown.as_bytes().windows(8).any(|window| window == part), "{shown}");
    }
}

#[test]
fn t72_s25_what_is_no_key_is_not_shown_and_the_error_says_how_to_make_one() {
    for (index, text) in malformed().iter().enumerate() {
        let file = TextFile::new(&format!("malformed-{index}"), text);
        let error = Key::from_file(&file.0).expect_err("no key");
        assert!(error.is_malformed() && !error.is_too_short() && !error.is_missing(), "{text}: {error}");
        assert!(error.to_string().contains("is not base64 or hexadecimal"), "{error}");
        assert!(error.to_string().contains(&file.0.display().to_string()), "{error}");
        assert!(error.source().is_none());
        assert_says_how_and_not_what(&error, text);
    }
    let text = "correct horse battery staple, correct horse battery staple";
    for error in [Key::from_base64(text), Key::from_hex(text)].map(|key| key.expect_err("no key")) {
        assert!(error.is_malformed(), "{error}");
        assert_says_how_and_not_what(&error, text);
    }
    let short = &STANDARD.encode(&bytes()[..31]);
    assert_says_how_and_not_what(&Key::from_base64(short).expect_err("too short"), short);
}

#[test]
fn t72_a_file_holds_a_key_in_either_form_and_its_last_line_may_end() {
    let base64 = STANDARD.encode(bytes());
    for (name, text) in [
        ("base64", base64.clone()),
        ("broken", format!("{}\r\n{}\n", &base64[..20], &base64[20..])),
        ("line", base64 + "\n"),
        ("hex", hex(&bytes()) + "\r\n"),
    ] {
        let file = TextFile::new(name, text);
        assert_eq!(Key::from_file(&file.0).expect("a key"), key(), "{name}");
    }
}

#[test]
fn what_is_nothing_but_hexadecimal_digits_is_hexadecimal() {
    // Sixty-four of them are base64, too: of 48 other bytes.
    let digits = hex(&bytes()[..32]);
    let file = TextFile::new("digits", &digits);
    let read = Key::from_file(&file.0).expect("a key");
    assert_eq!(read, Key::from_bytes(&bytes()[..32]).expect("a key"));
    assert_ne!(read, Key::from_base64(&digits).expect("another key"));
}

#[test]
fn t72_a_file_that_is_not_there_or_no_text_is_told_apart() {
    let missing = Key::from_file("/no/such/file").expect_err("no file");
    assert!(missing.is_missing() && !missing.is_unreadable(), "{missing}");
    assert!(missing.to_string().contains("`/no/such/file` is not there"), "{missing}");
    let unreadable = Key::from_file(std::env::temp_dir()).expect_err("a directory");
    assert!(unreadable.is_unreadable() && !unreadable.is_missing() && unreadable.source().is_some(), "{unreadable}");
    let file = TextFile::new("binary", [0xff; 32]);
    let binary = Key::from_file(&file.0).expect_err("no text");
    assert!(binary.is_malformed(), "{binary}");
    assert_says_how_and_not_what(&binary, "");
}

const VARIABLE: &str = "SESSION_TESTS_KEY";

/// What a program reads that is started with this variable.
fn from_env(text: Option<&str>) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_key_from_env"));
    program.env_remove(VARIABLE).envs(text.map(|text| (VARIABLE, text)));
    String::from_utf8(program.output().expect("it ran").stdout).expect("text").trim_end().to_owned()
}

#[test]
fn t72_a_variable_holds_a_key_in_either_form() {
    let expected = key().id().to_string();
    for text in [STANDARD.encode(bytes()), URL_SAFE_NO_PAD.encode(bytes()), hex(&bytes()), hex(&bytes()) + "\n"] {
        assert_eq!(from_env(Some(&text)), expected);
    }
}

#[test]
fn t72_s25_a_variable_that_holds_no_key_is_named_and_what_it_holds_is_not_shown() {
    let unset = from_env(None);
    assert!(unset.starts_with("the session key in the variable `SESSION_TESTS_KEY` is not there; `openssl"), "{unset}");
    assert_eq!(from_env(Some(" ")), unset);
    let short = from_env(Some("aHVudGVyMg"));
    assert!(short.contains("has 7 bytes, at least 32 are needed") && !short.contains("aHVudGVyMg"), "{short}");
    let malformed = from_env(Some("hunter2 hunter2"));
    assert!(malformed.contains("`SESSION_TESTS_KEY` is not base64 or hexadecimal"), "{malformed}");
    assert!(!malformed.contains("hunter2"), "{malformed}");
}

#[test]
fn s25_debug_shows_no_key() {
    let ring = KeyRing::new(key())
        .opens(Key::from_bytes([7; 32]).expect("a key"))
        .revokes("5f3a9c01".parse().expect("a key id"));
    let stores = [CookieStore::new(ring.clone()), CookieStore::signed(ring.clone())];
    let layer = SessionLayer::new(stores[0].clone());
    let shown = format!("{:?} {:#?} {ring:?} {ring:#?} {stores:?} {layer:?}", key(), key());
    assert!(shown.contains(&format!("Key({}, REDACTED)", key().id())), "{shown}");
    let lists = [format!("{:?}", &bytes()[..3]), "7, 7".to_owned()];
    for secret in [&hex(&bytes())[..8], &STANDARD.encode(bytes())[..8], "0707"]
        .into_iter()
        .chain(lists.iter().map(|list| list.trim_matches(['[', ']'])))
    {
        assert!(!shown.to_lowercase().contains(&secret.to_lowercase()), "{secret} in {shown}");
    }
}

#[test]
fn a_key_id_is_read_back_from_what_it_displays() {
    let id = key().id();
    assert_eq!(id.to_string().len(), 8);
    assert_eq!(id.to_string().parse::<KeyId>().expect("an id"), id);
    assert_eq!(id.to_string().to_ascii_uppercase().parse::<KeyId>().expect("an id"), id);
    assert_eq!("0000002a".parse::<KeyId>().expect("an id").to_string(), "0000002a");
    for text in ["", "5f3a9c0", "5f3a9c012", "5f3a9c0g", " 5f3a9c01", "+f3a9c01", "5f3a9c0102"] {
        let error = text.parse::<KeyId>().expect_err("no id");
        assert!(error.is_malformed() && error.to_string().contains("a key id is eight hexadecimal digits"), "{error}");
    }
}

#[test]
#[should_panic(expected = "is revoked and cannot seal: make another one the first of the ring")]
fn s34_a_ring_whose_first_key_is_revoked_does_not_start() {
    let _ = KeyRing::new(key()).opens(Key::from_bytes([7; 32]).expect("a key")).revokes(key().id());
}
