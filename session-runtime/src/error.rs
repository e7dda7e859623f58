//! What can go wrong, told apart for programs.

#[cfg(any(feature = "mysql", feature = "postgres", feature = "redis", feature = "sqlite"))]
mod advice;

use std::error::Error;
use std::fmt;

#[cfg(any(feature = "mysql", feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(crate) use advice::Advice;

type Source = Box<dyn Error + Send + Sync>;

/// Why a session could not be loaded or saved.
///
/// As an answer it is 503 where [`is_unavailable`](Self::is_unavailable), 403 where [`is_not_recent`](Self::is_not_recent) or
/// [`is_limit_reached`](Self::is_limit_reached), and 500 otherwise. Of a request's own load and commit the layer makes that answer, by
/// [`on_error`](crate::SessionLayer::on_error) where there is one; an error that a handler returns with `?` answers for itself, and no `on_error` sees
/// it. The text and the sources are for logs, never for the client.
#[derive(Debug)]
pub struct SessionError(Box<Kind>);

#[derive(Debug)]
enum Kind {
    NoLayer,
    NotLoaded,
    HeadSent { what: &'static str },
    Encode { field: &'static str, source: EncodeError },
    Mismatch { field: &'static str, source: DecodeError },
    Conflict { field: Option<String> },
    NoKeys { field: &'static str },
    TooLarge { size: usize, fields: Vec<(String, usize)> },
    NoIndex,
    NotRecent,
    LimitReached { most: usize },
    Store(StoreError),
    Random(Source),
}

impl SessionError {
    /// No `SessionHandle` among a request's extensions, for extractors of other frameworks.
    pub fn no_layer() -> Self {
        Self(Box::new(Kind::NoLayer))
    }

    pub(crate) fn not_loaded() -> Self {
        Self(Box::new(Kind::NotLoaded))
    }

    pub(crate) fn head_sent(what: &'static str) -> Self {
        Self(Box::new(Kind::HeadSent { what }))
    }

    pub(crate) fn encode(field: &'static str, source: EncodeError) -> Self {
        Self(Box::new(Kind::Encode { field, source }))
    }

    pub(crate) fn mismatch(field: &'static str, source: DecodeError) -> Self {
        Self(Box::new(Kind::Mismatch { field, source }))
    }

    pub(crate) fn conflict(field: Option<&str>) -> Self {
        Self(Box::new(Kind::Conflict { field: field.map(str::to_owned) }))
    }

    pub(crate) fn no_keys(field: &'static str) -> Self {
        Self(Box::new(Kind::NoKeys { field }))
    }

    /// A cookie of so many bytes, and those of each field, the largest first.
    pub(crate) fn too_large(size: usize, fields: Vec<(String, usize)>) -> Self {
        Self(Box::new(Kind::TooLarge { size, fields }))
    }

    /// No registry, since the store finds no sessions by their principal, for extractors of other frameworks.
    pub fn no_index() -> Self {
        Self(Box::new(Kind::NoIndex))
    }

    pub(crate) fn not_recent() -> Self {
        Self(Box::new(Kind::NotRecent))
    }

    /// The principal has so many sessions already.
    pub(crate) fn limit_reached(most: usize) -> Self {
        Self(Box::new(Kind::LimitReached { most }))
    }

    pub(crate) fn random(source: impl Into<Source>) -> Self {
        Self(Box::new(Kind::Random(source.into())))
    }

    /// Whether the request did not pass a `SessionLayer`.
    pub fn is_no_layer(&self) -> bool {
        matches!(*self.0, Kind::NoLayer)
    }

    /// Whether the session was asked for without having been loaded.
    pub fn is_not_loaded(&self) -> bool {
        matches!(*self.0, Kind::NotLoaded)
    }

    /// Whether a cookie would have been needed after the response's head was sent.
    pub fn is_head_sent(&self) -> bool {
        matches!(*self.0, Kind::HeadSent { .. })
    }

    /// Whether a value could not be encoded; [`field`](Self::field) names it.
    pub fn is_encode(&self) -> bool {
        matches!(*self.0, Kind::Encode { .. })
    }

    /// Whether a field with `on_mismatch = "reject"` does not decode, or what others made of a sealed field with a `merge` does not open;
    /// [`field`](Self::field) names it.
    pub fn is_mismatch(&self) -> bool {
        matches!(*self.0, Kind::Mismatch { .. })
    }

    /// Whether others kept committing to the same session, try after try, for as long as the store may take; [`field`](Self::field) names what
    /// was contested. Nothing of this request's changes is stored.
    pub fn is_conflict(&self) -> bool {
        matches!(*self.0, Kind::Conflict { .. })
    }

    /// Whether a field is `sealed` and the layer has no keys; [`field`](Self::field) names it.
    pub fn is_no_keys(&self) -> bool {
        matches!(*self.0, Kind::NoKeys { .. })
    }

    /// Whether the session does not fit into its cookie; [`field`](Self::field) names the largest one, the text all. Nothing of this request's
    /// changes is stored.
    pub fn is_too_large(&self) -> bool {
        matches!(*self.0, Kind::TooLarge { .. })
    }

    /// Whether the last sign-in is too long ago for what was to be done
    /// ([`SessionCore::require_recent`](crate::SessionCore::require_recent)). Answered with 403.
    pub fn is_not_recent(&self) -> bool {
        matches!(*self.0, Kind::NotRecent)
    }

    /// Whether a handler asked for a registry where the store finds no sessions by their principal.
    pub fn is_no_index(&self) -> bool {
        matches!(*self.0, Kind::NoIndex)
    }

    /// Whether a sign-in was refused, since the principal has as many sessions as [`SessionLayer::limit`](crate::SessionLayer::limit) allows.
    /// Answered with 403.
    pub fn is_limit_reached(&self) -> bool {
        matches!(*self.0, Kind::LimitReached { .. })
    }

    /// Whether the store could not be reached, did not answer in time, or takes no more sessions: a later try may succeed.
    pub fn is_unavailable(&self) -> bool {
        self.store().is_some_and(|error| !error.is_corrupt())
    }

    /// The field that the error is about, by its stored name.
    pub fn field(&self) -> Option<&str> {
        match &*self.0 {
            Kind::Encode { field, .. } | Kind::Mismatch { field, .. } | Kind::NoKeys { field } => Some(field),
            Kind::Conflict { field } => field.as_deref(),
            Kind::TooLarge { fields, .. } => fields.first().map(|(name, _)| name.as_str()),
            _ => None,
        }
    }

    /// What the store said.
    pub fn store(&self) -> Option<&StoreError> {
        match &*self.0 {
            Kind::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self(Box::new(Kind::Store(error)))
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::NoLayer => {
                f.write_str("no session layer on this route, add `.layer(SessionLayer::new(store))` to the router")
            }
            Kind::NotLoaded => f.write_str("the session is not loaded yet, call `handle.load::<T>().await` first"),
            Kind::HeadSent { what } => {
                write!(f, "{what} needs a cookie, but the head of the response was already sent")
            }
            Kind::Encode { field, .. } => write!(f, "field `{field}` of the session could not be encoded"),
            Kind::Mismatch { field, .. } => {
                write!(f, "the stored value of field `{field}` does not have the field's type")
            }
            Kind::Conflict { field } => {
                f.write_str("other requests kept changing ")?;
                match field {
                    Some(field) => write!(f, "field `{field}` of this session")?,
                    None => f.write_str("this session")?,
                }
                f.write_str(", nothing of this request's changes is stored: try again")
            }
            Kind::NoKeys { field } => {
                write!(f, "field `{field}` is sealed, but the session layer has no keys: add `.keys(key)` to it")
            }
            Kind::TooLarge { size, fields } => {
                write!(
                    f,
                    "the session's cookie would be {size} bytes, browsers keep 4096: store less, or keep sessions on the server;"
                )?;
                let mut separator = " ";
                for (name, size) in fields {
                    write!(f, "{separator}`{name}` has {size} bytes")?;
                    separator = ", ";
                }
                Ok(())
            }
            Kind::NoIndex => f.write_str(
                "the layer's store finds no sessions by their principal: keep sessions on the server, in a store that has an `index`",
            ),
            Kind::NotRecent => f.write_str("the last sign-in is too long ago: have the user sign in once more"),
            Kind::LimitReached { most } => {
                write!(f, "the principal is signed in {most} times already, and may not be once more")
            }
            Kind::Store(_) => f.write_str("the session store failed"),
            Kind::Random(_) => f.write_str("the operating system gave no random bytes for a session"),
        }
    }
}

impl Error for SessionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.0 {
            Kind::Encode { source, .. } => Some(source),
            Kind::Mismatch { source, .. } => Some(source),
            Kind::Store(source) => Some(source),
            Kind::Random(source) => Some(&**source),
            Kind::NoLayer
            | Kind::NoKeys { .. }
            | Kind::NotLoaded
            | Kind::HeadSent { .. }
            | Kind::Conflict { .. }
            | Kind::NoIndex
            | Kind::NotRecent
            | Kind::LimitReached { .. }
            | Kind::TooLarge { .. } => None,
        }
    }
}

/// What a store answers where it could not do what it was asked.
///
/// ```
/// use session_runtime::StoreError;
///
/// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
/// assert!(StoreError::unreachable(refused).is_unreachable());
/// ```
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Source>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum StoreErrorKind {
    Unreachable,
    TimedOut,
    Corrupt,
    Rejected,
}

impl StoreError {
    /// The store could not be reached.
    pub fn unreachable(source: impl Into<Source>) -> Self {
        Self { kind: StoreErrorKind::Unreachable, source: Some(source.into()) }
    }

    /// The store did not answer in time.
    pub fn timed_out() -> Self {
        Self { kind: StoreErrorKind::TimedOut, source: None }
    }

    /// What the store holds is not a session; the request goes on with a new one.
    pub fn corrupt(source: impl Into<Source>) -> Self {
        Self { kind: StoreErrorKind::Corrupt, source: Some(source.into()) }
    }

    /// The store refuses: it is full, read-only, or misconfigured.
    pub fn rejected(source: impl Into<Source>) -> Self {
        Self { kind: StoreErrorKind::Rejected, source: Some(source.into()) }
    }

    /// Whether the store could not be reached.
    pub fn is_unreachable(&self) -> bool {
        self.kind == StoreErrorKind::Unreachable
    }

    /// Whether the store did not answer in time.
    pub fn is_timed_out(&self) -> bool {
        self.kind == StoreErrorKind::TimedOut
    }

    /// Whether what the store holds is not a session.
    pub fn is_corrupt(&self) -> bool {
        self.kind == StoreErrorKind::Corrupt
    }

    /// Whether the store refused.
    pub fn is_rejected(&self) -> bool {
        self.kind == StoreErrorKind::Rejected
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unreachable => "the store could not be reached",
            StoreErrorKind::TimedOut => "the store did not answer in time",
            StoreErrorKind::Corrupt => "the store holds something that is not a session",
            StoreErrorKind::Rejected => "the store refused",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

/// Why a value could not become bytes.
#[derive(Debug)]
pub struct EncodeError(Source);

impl EncodeError {
    /// The serializer's own error. It reaches the log: one that quotes the value should be put in other words.
    pub fn new(source: impl Into<Source>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value could not be serialized")
    }
}

impl Error for EncodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// Why bytes did not become a value.
#[derive(Debug)]
pub struct DecodeError(Source);

impl DecodeError {
    /// The serializer's own error. It reaches the log: one that quotes the value should be put in other words.
    pub fn new(source: impl Into<Source>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored bytes could not be deserialized")
    }
}

impl Error for DecodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// An error and all its sources on one line, for a log.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(source) = next {
            write!(f, ": {source}")?;
            next = source.source();
        }
        Ok(())
    }
}
