//! No value of a field stands in the log, whatever goes wrong with it.

use axum::http::StatusCode;
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use session_runtime::{Bincode, MessagePack, Session, SessionHandle};
use session_tests::{Logs, Scripted, Visitor, load};
use std::error::Error;

use super::planted;

/// What nobody who reads logs may see.
const VALUE: &str = "hunter2";

#[derive(Serialize, Deserialize, Default, PartialEq, Debug)]
enum Kind {
    #[default]
    First,
    Second,
}

/// Fields that were numbers in an earlier build.
#[derive(Session)]
struct Changed {
    flag: bool,
    kind: Kind,
    name: String,
}

#[derive(Session)]
struct Rejecting {
    #[session(on_mismatch = "reject")]
    flag: bool,
}

/// An error and all its sources, as a handler would log them.
fn chain(error: &dyn Error) -> String {
    let next = error.source().map(chain).unwrap_or_default();
    format!("{error}: {next}")
}

/// 42 in the three formats.
const NUMBERS: [&[u8]; 3] = [b"42", b"\x01\x2a", b"\x02\x2a"];

#[tokio::test]
async fn s25_a_number_whose_field_is_of_another_type_today_is_not_in_the_log() {
    for number in NUMBERS {
        let logs = Logs::capture_all();
        let (_, mut visitor, _) = planted(&[("flag", number), ("kind", number), ("name", number)]).await;
        visitor
            .visit::<Changed>(|session| {
                assert_eq!((session.flag(), session.kind()), (false, &Kind::First));
                assert_eq!(session.name(), "");
            })
            .await;
        for field in ["flag", "kind", "name"] {
            assert!(logs.text().contains(&format!("field=\"{field}\"")), "{}", logs.text());
        }
        assert!(!logs.text().contains("42"), "{}", logs.text());
        assert!(!logs.text().contains("0x2a"), "{}", logs.text());
    }
}

#[tokio::test]
async fn s25_a_number_that_is_rejected_is_not_in_the_error() {
    for number in NUMBERS {
        let (_, mut visitor, _) = planted(&[("flag", number)]).await;
        let answer = visitor
            .act(async |handle: SessionHandle| {
                let error = handle.load::<Rejecting>().await.expect_err("a mismatch");
                format!("{} {error:?}", chain(&error))
            })
            .await;
        assert!(answer.text().contains("flag"), "{}", answer.text());
        assert!(!answer.text().contains("42"), "{}", answer.text());
    }
}

/// A type whose own error quotes what it refuses.
#[derive(Deserialize, Default)]
struct Refusing(String);

impl Serialize for Refusing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom(format!("{} is not accepted", self.0)))
    }
}

#[derive(Session)]
struct Secrets {
    plain: Refusing,
    #[session(serializer = MessagePack)]
    packed: Refusing,
    #[session(serializer = Bincode)]
    small: Refusing,
}

#[tokio::test]
async fn s25_a_value_that_does_not_encode_is_not_quoted_in_the_log_or_the_error() {
    type Set = fn(&mut Session<Secrets>, Refusing);
    let fields: [(&str, Set); 3] =
        [("plain", |s, v| s.set_plain(v)), ("packed", |s, v| s.set_packed(v)), ("small", |s, v| s.set_small(v))];
    for (field, set) in fields {
        let logs = Logs::capture_all();
        let store = Scripted::default();
        let answer = Visitor::of(&store)
            .act(async move |handle: SessionHandle| {
                let mut secrets = load::<Secrets>(&handle).await;
                set(&mut secrets, Refusing(VALUE.to_owned()));
                let error = secrets.save().await.expect_err("it does not encode");
                assert!(error.is_encode());
                assert_eq!(error.field(), Some(field));
                let shown = format!("{} {error:?}", chain(&error));
                assert!(!shown.contains(VALUE), "{shown}");
            })
            .await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(logs.text().contains("ERROR") && logs.text().contains(field), "{}", logs.text());
        assert!(!logs.text().contains(VALUE), "{}", logs.text());
        assert_eq!(store.len(), 0);
    }
}
