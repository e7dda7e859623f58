//! What a check saw where a rule promises something else.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};

use crate::error::{Chain, SessionError, StoreError};
use crate::record::{Record, STAMPS};

/// What was expected, and what was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Seen(String);

/// What a check comes to.
pub(super) type Outcome<T = ()> = Result<T, Seen>;

impl Seen {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Of `what`, this was seen in place of that.
    pub(super) fn instead(what: impl Display, expected: impl Display, seen: &dyn Debug) -> Self {
        Self(format!("{what}: expected {expected}, saw {seen:?}"))
    }
}

impl Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Seen {
    fn from(error: StoreError) -> Self {
        Self(format!("a call that should be answered failed: {}", Chain(&error)))
    }
}

impl From<SessionError> for Seen {
    fn from(error: SessionError) -> Self {
        Self(format!("a session could not be loaded or saved: {}", Chain(&error)))
    }
}

impl From<getrandom::Error> for Seen {
    fn from(error: getrandom::Error) -> Self {
        Self(format!("the operating system gave no random bytes: {error}"))
    }
}

impl From<tokio::task::JoinError> for Seen {
    fn from(error: tokio::task::JoinError) -> Self {
        Self(format!("a call did not come back: {error}"))
    }
}

/// Goes on where an answer is of this pattern, with what the pattern binds.
macro_rules! answers {
    ($what:expr, $answer:expr, $pattern:pat $(if $guard:expr)? $(=> $value:expr)?) => {
        match $answer {
            $pattern $(if $guard)? => { $($value)? }
            other => {
                let expected = stringify!($pattern $(if $guard)?);
                return Err($crate::conformance::seen::Seen::instead($what, expected, &other));
            }
        }
    };
}

pub(super) use answers;

/// Goes on where both are equal.
pub(super) fn same<T: PartialEq + Debug>(what: impl Display, seen: &T, expected: &T) -> Outcome {
    if seen == expected { Ok(()) } else { Err(Seen::instead(what, format_args!("{expected:?}"), seen)) }
}

/// Goes on where both records say the same, down to their stamps.
pub(super) fn same_record(what: &str, seen: &Record, expected: &Record) -> Outcome {
    same_entries(what, &entries(seen), &entries(expected))?;
    same(format_args!("{what}, its version"), &seen.version(), &expected.version())?;
    same(format_args!("{what}, its creation"), &seen.created(), &expected.created())?;
    same(format_args!("{what}, its end"), &seen.expires(), &expected.expires())?;
    same(format_args!("{what}, its owner"), &seen.principal(), &expected.principal())
}

/// Goes on where both records hold the same, whatever commits made them.
pub(super) fn same_fields(what: &str, seen: &Record, expected: &Record) -> Outcome {
    let (mut seen, mut expected) = (entries(seen), entries(expected));
    seen.remove(STAMPS);
    expected.remove(STAMPS);
    same_entries(what, &seen, &expected)
}

type Entries<'a> = BTreeMap<&'a str, &'a [u8]>;

fn entries(record: &Record) -> Entries<'_> {
    record.entries().collect()
}

fn same_entries(what: &str, seen: &Entries<'_>, expected: &Entries<'_>) -> Outcome {
    let names = |entries: &Entries<'_>| entries.keys().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    same(format_args!("{what}, its names"), &names(seen), &names(expected))?;
    for (name, value) in expected {
        same(format_args!("{what}, the value of {name:?}"), &Value(seen[name]), &Value(value))?;
    }
    Ok(())
}

/// A value, shown as far as a person reads it.
#[derive(PartialEq)]
struct Value<'a>(&'a [u8]);

impl Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, rest) = self.0.split_at(self.0.len().min(32));
        write!(f, "`{}`", shown.escape_ascii())?;
        if rest.is_empty() { Ok(()) } else { write!(f, " and {} bytes more", rest.len()) }
    }
}
