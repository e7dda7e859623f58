//! What a check saw where a rule promises something else.

use std::fmt::{self, Debug, Display};

use crate::error::{Chain, SessionError, StoreError};
use crate::record::Record;

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

/// Goes on where both records say the same: stamps aside, which a store may keep in a form of its own.
pub(super) fn same_record(what: &str, seen: &Record, expected: &Record) -> Outcome {
    same_fields(what, seen, expected)?;
    same(format_args!("{what}, its version"), &seen.version(), &expected.version())?;
    same(format_args!("{what}, its creation"), &seen.created(), &expected.created())?;
    same(format_args!("{what}, its end"), &seen.expires(), &expected.expires())?;
    same(format_args!("{what}, its owner"), &seen.principal(), &expected.principal())
}

/// Goes on where both records hold the same entries.
pub(super) fn same_fields(what: &str, seen: &Record, expected: &Record) -> Outcome {
    let entries = |record: &Record| -> Vec<(String, Vec<u8>)> {
        let entries = record.entries().filter(|(name, _)| *name != crate::record::STAMPS);
        entries.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let (seen, expected) = (entries(seen), entries(expected));
    let names = |entries: &[(String, Vec<u8>)]| entries.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    if names(&seen) != names(&expected) {
        return Err(Seen::instead(
            format_args!("{what}, its names"),
            format_args!("{:?}", names(&expected)),
            &names(&seen),
        ));
    }
    match seen.iter().zip(&expected).find(|(seen, expected)| seen.1 != expected.1) {
        None => Ok(()),
        Some(((name, seen), (_, expected))) => Err(Seen::instead(
            format_args!("{what}, the value of {name:?}"),
            Shown(expected),
            &format_args!("{}", Shown(seen)),
        )),
    }
}

/// A value as far as a person reads it.
struct Shown<'a>(&'a [u8]);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, rest) = self.0.split_at(self.0.len().min(32));
        write!(f, "`{}`", shown.escape_ascii())?;
        if rest.is_empty() { Ok(()) } else { write!(f, " and {} bytes more", rest.len()) }
    }
}
