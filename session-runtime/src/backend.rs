//! The seam between the middleware and whatever keeps sessions: it takes what the cookie says, and says what the cookie shall be.

mod limit;
mod registry;
mod signed;
mod stored;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::error::{SessionError, StoreError};
use crate::event::Events;
use crate::expiry::{Expiry, Roll};
use crate::id::{SessionId, StoreKey};
use crate::merge::Merges;
use crate::record::{BINDING, Bindings, Delta, RENEWED, Record, Stamp, is_field};
use crate::store::{BoxFuture, ExpiryChange, PrincipalChange};

pub use limit::Evict;
pub use registry::Sessions;

pub(crate) use limit::Limit;
pub(crate) use signed::SignedIds;

/// Keeps sessions, on the server or in the cookie itself.
///
/// Every [`SessionStore`](crate::SessionStore) is one. Implement `SessionStore` for a store of your own; this trait is for what has no
/// server-side record.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep sessions",
    note = "`MemoryStore` does; a store of your own implements `SessionStore`"
)]
pub trait Backend: Send + Sync + 'static {
    /// Reads the value of a cookie of this name.
    ///
    /// # Errors
    ///
    /// Why no session can come of it: nothing is asked of a store then.
    fn token(&self, value: &[u8], cookie: &str) -> Result<Presented, Origin>;

    /// The value that a cookie of this name is given for a token: a secret.
    fn value<'t>(&self, token: &'t Token, cookie: &str) -> Cow<'t, [u8]>;

    /// Whether the cookie holds the session itself, so that every change of it needs a cookie.
    fn is_client_side(&self) -> bool;

    /// The session that the token, of a cookie of this name, stands for.
    ///
    /// # Errors
    ///
    /// Where the store could not answer.
    fn load<'a>(
        &'a self,
        token: Token,
        cookie: &'a str,
        roll: Option<Roll>,
    ) -> BoxFuture<'a, Result<Found, StoreError>>;

    /// Carries out what a request decided.
    ///
    /// # Errors
    ///
    /// Where the store could not answer, others kept committing, or a new id could not be made; nothing is to be told to the client then.
    fn commit<'a>(&'a self, commit: Commit<'a>) -> BoxFuture<'a, Result<Committed, SessionError>>;

    /// Finds and ends the sessions of a principal, where they can be found.
    fn sessions(&self) -> Option<&dyn Sessions> {
        None
    }
}

/// What a cookie brought.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Presented {
    /// What it holds.
    pub token: Token,
    /// Whether it was made with a key that makes none any more: it is made anew with the session's next write or due touch.
    pub stale: bool,
}

impl Presented {
    /// What a cookie brought that was made as such cookies are made today.
    #[must_use]
    pub const fn new(token: Token) -> Self {
        Self { token, stale: false }
    }
}

/// What a cookie holds.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Token {
    /// The id of a session that the server keeps.
    Id(SessionId),
    /// The session itself, as text for the cookie.
    Sealed(Bytes),
}

impl Token {
    /// The characters of an id, or of a sealed or signed session: a secret.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Id(id) => id.as_bytes(),
            Self::Sealed(text) => text,
        }
    }

    /// The id, where it is one.
    pub(crate) fn id(&self) -> Option<SessionId> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Sealed(_) => None,
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "Token({}…)", id.fingerprint()),
            Self::Sealed(_) => f.write_str("Token(REDACTED)"),
        }
    }
}

/// The answer to [`Backend::load`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Found {
    /// The session.
    Live(Live),
    /// No session, and why.
    Nothing(Origin),
    /// No session any more: its id was renewed a moment ago, and the client is about to get the new one. Only a sign-out is still done to it.
    Renewed(Box<Live>),
}

/// A session that is stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Live {
    /// What the client has.
    pub token: Token,
    /// What the store knows it by, where there is one.
    pub key: Option<StoreKey>,
    /// What is stored.
    pub record: Record,
    /// Whether loading it has extended it.
    pub rolled: bool,
    /// Whether it was renamed since the client got its token, which another response replaces.
    pub moved: bool,
    /// Whether the client's cookie was made with a key that makes none any more.
    pub stale: bool,
}

impl Live {
    /// A session that the client has this token of, under this key of the store if there is one.
    #[must_use]
    pub const fn new(token: Token, key: Option<StoreKey>, record: Record) -> Self {
        Self { token, key, record, rolled: false, moved: false, stale: false }
    }
}

/// How a session came to be what this request sees: a hint for people. A store may be unable to tell an expired session from an unknown one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Origin {
    /// The request brought no session cookie.
    New,
    /// It was stored.
    Loaded,
    /// The cookie names no session: it was never one, or it has ended.
    UnknownId,
    /// It has expired.
    Expired,
    /// The cookie was not made by this server, or not with a key that it still knows.
    BadSignature,
    /// The application refuses it: see [`CookieStore`](crate::CookieStore).
    Revoked,
    /// What is stored is not a session.
    Undecodable,
}

/// What to do for a request, and with what.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Commit<'a> {
    /// What to do.
    pub action: Action,
    /// The session that it is done to; none for an insert.
    pub live: Option<&'a Live>,
    /// What the request changed.
    pub delta: &'a Delta,
    /// The fields among them that are merged with what others made of them.
    pub(crate) merges: &'a Merges,
    /// What happens to the end of the session.
    pub expiry: ExpiryChange,
    /// What happens to whose session it is.
    pub principal: &'a PrincipalChange,
    /// What tells this commit from every other.
    pub stamp: Stamp,
    /// The present: when a session that this commit creates was created.
    pub now: Timestamp,
    /// When a session that this commit creates ends.
    pub expires: Timestamp,
    /// Until when the old id answers, where a rotation ends it.
    pub grace: Timestamp,
    /// The name of the session's cookie.
    pub cookie: &'a str,
    /// What sealed fields of a session that this commit creates are bound to.
    pub(crate) bindings: Bindings,
    /// How many sessions a principal may have.
    pub(crate) limit: Option<Limit>,
    /// When sessions end.
    pub(crate) configured: &'a Expiry,
    /// Who is told of what happens on the way.
    pub(crate) events: &'a Events,
    /// How long the whole commit may take.
    pub patience: Duration,
}

impl<'a> Commit<'a> {
    /// The session that this commit creates: only what this request set.
    ///
    /// # Errors
    ///
    /// If a field that is merged cannot be encoded.
    pub fn fresh(&self) -> Result<Record, SessionError> {
        let delta = self.fresh_delta()?;
        let record = Record::new(self.now, self.expires).apply_stamped(&delta, self.stamp).at_version(1);
        Ok(self.principal.applied_to(record))
    }

    /// As [`fresh`](Self::fresh), without the stamp that tells a store of commits that are repeated.
    ///
    /// # Errors
    ///
    /// As [`fresh`](Self::fresh).
    pub fn fresh_unstamped(&self) -> Result<Record, SessionError> {
        let delta = self.fresh_delta()?;
        Ok(Record::new(self.now, self.expires).apply(&delta).at_version(1))
    }

    fn fresh_delta(&self) -> Result<Cow<'a, Delta>, SessionError> {
        let mut delta = self.merges.alone(self.delta)?;
        if !self.bindings.is_empty() {
            let mut all = Bindings::decode(delta.get(BINDING).flatten().unwrap_or_default());
            all.unite(&self.bindings);
            delta.to_mut().set(BINDING, &all.encode());
        }
        Ok(delta)
    }

    /// What is to be written over this record: the delta, its fields with a merge merged.
    ///
    /// # Errors
    ///
    /// If a merged field cannot be encoded.
    #[inline]
    pub fn delta_onto(&self, record: &Record) -> Result<Cow<'a, Delta>, SessionError> {
        if self.merges.is_empty() {
            return Ok(Cow::Borrowed(self.delta));
        }
        self.merges.onto(self.delta, record)
    }

    /// As [`delta_onto`](Self::delta_onto), where the session gets a new id, which the record remembers.
    ///
    /// # Errors
    ///
    /// As [`delta_onto`](Self::delta_onto).
    pub fn renaming_delta_onto(&self, record: &Record) -> Result<Cow<'a, Delta>, SessionError> {
        let mut delta = self.delta_onto(record)?;
        delta.to_mut().set(RENEWED, self.now.as_millis().to_string().as_bytes());
        Ok(delta)
    }

    /// Until when the old id of a rename answers, if it does.
    fn grace(&self) -> Option<Timestamp> {
        matches!(self.action, Action::Rotate { .. }).then_some(self.grace)
    }

    /// The field for which this commit had to be repeated, if it was for one.
    fn contested(&self) -> Option<&'a str> {
        let fields = || self.delta.iter().map(|(name, _)| name).filter(|name| is_field(name.as_bytes()));
        self.merges.first().or_else(|| fields().next())
    }
}

/// What the end of a request comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Action {
    /// Nothing.
    Keep,
    /// The session was used, and is extended.
    Touch,
    /// A new session.
    Insert,
    /// Fields of a stored session changed.
    Update {
        /// End it if no field is left.
        remove_if_empty: bool,
    },
    /// Its id changes, and fields with it; the old id is dead at once.
    Rename {
        /// End it if no field is left.
        remove_if_empty: bool,
    },
    /// As `Rename`, for no other reason than the id's age: the old one answers for a grace.
    Rotate {
        /// End it if no field is left.
        remove_if_empty: bool,
    },
    /// The session ends.
    Remove,
    /// The session ends, and a new one begins.
    Replace,
}

impl Action {
    /// Whether there is nothing to do.
    pub fn is_keep(self) -> bool {
        self == Self::Keep
    }

    /// Whether the session ends where this leaves no field.
    pub fn removes_if_empty(self) -> bool {
        match self {
            Self::Update { remove_if_empty } | Self::Rename { remove_if_empty } | Self::Rotate { remove_if_empty } => {
                remove_if_empty
            }
            Self::Keep | Self::Touch | Self::Insert | Self::Remove | Self::Replace => false,
        }
    }
}

/// What was written, and over what, where others came first.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Basis {
    /// The record that was there, if it is not the one that the commit was made from.
    pub current: Option<Record>,
    /// What was written, if it is not simply the commit's delta.
    pub merged: Option<Box<Delta>>,
}

/// What came of a commit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Committed {
    /// The changes are stored, under the token that the client has.
    Kept(Basis),
    /// The session is stored, as this record, under a token that the client must be given, and the store's key.
    Issued(Token, Option<StoreKey>, Record),
    /// The changes are stored, under this key, whose id another response brings to the client.
    Followed(StoreKey, Basis),
    /// This commit ended the session.
    Ended,
    /// The session had ended before; nothing was written.
    Lost,
}
