//! Sessions in the cookie itself.

#[cfg(feature = "compress")]
mod deflate;
#[cfg(not(feature = "compress"))]
#[path = "cookie_store/no_deflate.rs"]
mod deflate;
mod payload;

use std::borrow::Cow;
use std::fmt;
use std::future::ready;
use std::sync::Arc;

use bytes::Bytes;

use crate::backend::{Action, Backend, Commit, Committed, Found, Live, Origin, Presented, Token};
use crate::clock::Timestamp;
use crate::core::SessionCore;
use crate::envelope;
use crate::error::{Chain, SessionError, StoreError};
use crate::expiry::Roll;
use crate::handle::SessionHandle;
use crate::record::{Delta, Record, is_field};
use crate::schema::{Schema, Session};
use crate::seal::{self, KeyRing, Opened, Purpose, Sealer, Signer, Unopened};
use crate::state::View;
use crate::store::BoxFuture;
use payload::Packing;

/// Keeps sessions in the cookie itself, sealed: nothing is kept on the server.
///
/// ```
/// use session_runtime::{CookieStore, Key, KeyError, SessionLayer};
///
/// # fn main() -> Result<(), KeyError> {
/// # let key = || Key::generate();
/// # /*
/// let key = || Key::from_env("SESSION_KEY");
/// # */
/// let sessions = SessionLayer::new(CookieStore::new(key()?));
/// # let _ = sessions;
/// # Ok(())
/// # }
/// ```
///
/// 1. Nobody without the key can read the session, change it, or use it under the name of another cookie. It tells its own end, which is
///    enforced whatever the browser does.
/// 2. The cookie is sent with every response whose request changed the session, and when a due touch extends it.
/// 3. A session whose cookie would be larger than 4,096 bytes, name and value, is an error at commit
///    ([`is_too_large`](SessionError::is_too_large)) that names its fields by size; nothing is cut, and the browser keeps what it has. Short
///    field names (`#[session(rename = "…")]`), the serializer `Bincode` and, by feature, `compress` save bytes.
/// 4. Keys are changed without signing anyone out: see [`KeyRing`].
///
/// On x86-64, sealing and opening take less than half of the time where the program is built with `RUSTFLAGS='--cfg poly1305_backend="soft"'` or for
/// `x86-64-v3`.
///
/// # What a cookie cannot do
///
/// - **End everywhere.** A sign-out removes the browser's copy. Whoever kept a copy of the cookie can present it until the session in it ends,
///   and a session that was renewed or signed out comes back with it; so does one in the user's own browser, where a slower request that
///   changed or extended the session is answered after the sign-out. `regenerate_id` keeps nobody from using the cookie before it, and
///   `rotate_every` does nothing here. Keep sessions short ([`Expiry`](crate::Expiry)), or ask [`reject_before`](Self::reject_before) and
///   [`reject_if`](Self::reject_if), which take a list of yours.
/// - **Merge.** Of two requests at once each starts from the cookie that it brought, and the browser keeps the answer that arrives last: the
///   other's changes are lost, whatever `merge` says.
/// - **Be used up.** A one-time code that was taken comes back with a cookie from before, and so do the tries that were counted.
/// - **Be written late, or early.** Once the head of the response is sent, `save` fails with [`is_head_sent`](SessionError::is_head_sent), after
///   a `destroy` too: there is no cookie any more to write to. What is saved before is kept if the response arrives.
///
/// Where one of these matters (a balance, a cart that two tabs fill, "sign out everywhere"), take a store on the server.
#[derive(Clone)]
#[must_use = "a store does nothing until a layer is built with it"]
pub struct CookieStore {
    protection: Arc<Protection>,
    packing: Packing,
    reject_before: Option<Timestamp>,
    rejects: Vec<Arc<Rejects>>,
}

/// Whether a session is refused.
type Rejects = dyn Fn(&Record) -> bool + Send + Sync;

/// What keeps others from making cookies, and from reading them.
enum Protection {
    Sealed(Sealer),
    Signed(Signer),
}

impl CookieStore {
    /// The largest cookie that browsers keep, name and value together (RFC 6265bis, section 5.6).
    const MAX: usize = 4096;

    /// Seals sessions with XChaCha20-Poly1305: the browser cannot read them.
    pub fn new(keys: impl Into<KeyRing>) -> Self {
        Self::of(Protection::Sealed(Sealer::new(&keys.into(), Purpose::SealedCookie)))
    }

    /// Signs sessions with HMAC-SHA-256: whoever has the cookie can read all of them, and change nothing. Nothing that is secret, or personal,
    /// belongs into such a cookie.
    pub fn signed(keys: impl Into<KeyRing>) -> Self {
        Self::of(Protection::Signed(Signer::new(&keys.into(), Purpose::SignedCookie)))
    }

    fn of(protection: Protection) -> Self {
        Self { protection: Arc::new(protection), packing: Packing::default(), reject_before: None, rejects: Vec::new() }
    }

    /// Pads what is sealed to a multiple of `block` bytes, so that the cookie's length tells less of what is in it.
    ///
    /// # Panics
    ///
    /// If `block` is 0 (less than 32, where what is sealed is compressed), or more than 1,024: a cookie has no room for that.
    #[track_caller]
    pub fn pad(mut self, block: usize) -> Self {
        let least = if self.packing.deflates { 32 } else { 1 };
        assert!((least..=1024).contains(&block), "padding to {block} bytes: {least} to 1024 are possible");
        self.packing.block = Some(block);
        self
    }

    /// Rejects every session that was created, or last renewed by [`regenerate_id`](SessionCore::regenerate_id), before this moment: signs
    /// everybody out who signed in before.
    pub fn reject_before(mut self, moment: Timestamp) -> Self {
        self.reject_before = Some(moment);
        self
    }

    /// Rejects the sessions of which `rejects` says so, each time that one is loaded, and again before it is sealed anew.
    ///
    /// It is asked while the request waits, so it looks into memory: at the list of those who were signed out everywhere, say, and when. All
    /// servers need that list, and after a restart too; an entry may go when every session from before it has ended. (A request that copies a session over its `destroy()` makes a new one, which is
    /// not asked about.) For a question to a
    /// database take a store on the server, which asks one anyway. A field that is `sealed` reads as its default here, and
    /// one with a `ttl` by the system's clock.
    ///
    /// ```
    /// # use session_runtime::{CookieStore, Key, KeyError, Session, Timestamp};
    /// # use std::collections::HashMap;
    /// # use std::sync::{Arc, RwLock};
    /// # use std::time::SystemTime;
    /// #[derive(Session)]
    /// struct Account {
    ///     user: Option<u64>,
    /// }
    ///
    /// # fn main() -> Result<(), KeyError> {
    /// # let key = Key::generate()?;
    /// /// Who was signed out everywhere, and when.
    /// let signed_out: Arc<RwLock<HashMap<u64, Timestamp>>> = Arc::default();
    ///
    /// // Whoever is signed out now, by a request or a job; the request that asks for it begins anew with `destroy()`, and sets its user again.
    /// signed_out.write().unwrap().insert(7, SystemTime::now().into());
    ///
    /// let list = signed_out.clone();
    /// let store = CookieStore::new(key).reject_if::<Account>(move |account| {
    ///     let Ok(list) = list.read() else { return true };
    ///     let moment = account.user().and_then(|user| list.get(&user));
    ///     moment.is_some_and(|moment| account.metadata().renewed() < *moment)
    /// });
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reject_if<T: Schema>(mut self, rejects: impl Fn(&Session<T>) -> bool + Send + Sync + 'static) -> Self {
        self.rejects.push(Arc::new(move |record| {
            let view = View { record: envelope::without_sealed(record), origin: Origin::Loaded, epoch: 0 };
            rejects(&T::open(SessionCore::new(SessionHandle::detached(), view)))
        }));
        self
    }

    fn found(&self, token: Token, cookie: &str) -> Found {
        let Token::Sealed(text) = &token else {
            return Found::Nothing(Origin::UnknownId);
        };
        let Some(mut bytes) = seal::from_text(text) else {
            return Found::Nothing(Origin::UnknownId);
        };
        let opened = match self.protection.open(cookie, &mut bytes) {
            Ok(opened) => opened,
            Err(why) => {
                tracing::debug!(%why, "a session cookie does not open");
                return Found::Nothing(Origin::BadSignature);
            }
        };
        match payload::decode(&Bytes::from(bytes).slice(opened.contents)) {
            Ok(record) if self.is_rejected(&record) => Found::Nothing(Origin::Revoked),
            Ok(record) => Found::Live(Live::new(token, None, record)),
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "a session cookie opens and holds no session");
                Found::Nothing(Origin::Undecodable)
            }
        }
    }

    fn is_rejected(&self, record: &Record) -> bool {
        self.reject_before.is_some_and(|moment| record.id_since() < moment)
            || self.rejects.iter().any(|rejects| rejects(record))
    }

    fn committed(&self, commit: &Commit<'_>) -> Result<Committed, SessionError> {
        // Somebody may have been signed out everywhere since the session was loaded.
        let is_rejected = |live: &Live| self.is_rejected(&live.record);
        let record = match (commit.action, commit.live) {
            // A sign-in begins anew, with what this request set.
            (Action::Rename { .. }, Some(live)) if is_rejected(live) => {
                let record = commit.fresh_unstamped()?;
                if record.is_empty() {
                    return Ok(Committed::Lost);
                }
                record
            }
            (Action::Touch | Action::Update { .. } | Action::Rotate { .. }, Some(live)) if is_rejected(live) => {
                return Ok(Committed::Lost);
            }
            (Action::Remove, _) => return Ok(Committed::Ended),
            (Action::Insert | Action::Replace, _) => commit.fresh_unstamped()?,
            (Action::Keep, _) | (_, None) => return Ok(Committed::Lost),
            (Action::Touch, Some(live)) => changed(&live.record, &Delta::default(), commit),
            (Action::Update { .. }, Some(live)) => changed(&live.record, &*commit.delta_onto(&live.record)?, commit),
            (Action::Rename { .. } | Action::Rotate { .. }, Some(live)) => {
                changed(&live.record, &*commit.renaming_delta_onto(&live.record)?, commit)
            }
        };
        if commit.action.removes_if_empty() && record.is_empty() {
            return Ok(Committed::Ended);
        }
        Ok(Committed::Issued(self.token(commit.cookie, &record)?, None, record))
    }

    fn token(&self, cookie: &str, record: &Record) -> Result<Token, SessionError> {
        let (mut bytes, fits) = self.packing.encode(record, self.protection.prefix(), self.protection.suffix());
        let size = cookie.len() + seal::text_len(bytes.len() + self.protection.suffix());
        if !fits || size > Self::MAX {
            return Err(SessionError::too_large(size, sizes(record)));
        }
        self.protection.close(cookie, &mut bytes)?;
        Ok(Token::Sealed(seal::to_text(&bytes).into()))
    }
}

/// The record as the commit leaves it.
fn changed(record: &Record, delta: &Delta, commit: &Commit<'_>) -> Record {
    let expires = commit.expiry.applied_to(record);
    record.apply(delta).expiring(expires)
}

/// The bytes of each field, the largest first.
fn sizes(record: &Record) -> Vec<(String, usize)> {
    let fields = record.entries().filter(|(name, _)| is_field(name.as_bytes()));
    let mut sizes: Vec<_> = fields.map(|(name, value)| (name.to_owned(), name.len() + value.len())).collect();
    sizes.sort_by(|(_, a), (_, b)| b.cmp(a));
    sizes
}

impl Protection {
    /// How many bytes come before the contents.
    fn prefix(&self) -> usize {
        match self {
            Self::Sealed(_) => Sealer::PREFIX,
            Self::Signed(_) => Signer::PREFIX,
        }
    }

    /// How many bytes come after them.
    fn suffix(&self) -> usize {
        match self {
            Self::Sealed(_) => Sealer::OVERHEAD - Sealer::PREFIX,
            Self::Signed(_) => Signer::OVERHEAD - Signer::PREFIX,
        }
    }

    fn close(&self, cookie: &str, bytes: &mut Vec<u8>) -> Result<(), SessionError> {
        match self {
            Self::Sealed(sealer) => sealer.seal(&[cookie.as_bytes()], bytes, 0),
            Self::Signed(signer) => {
                signer.sign(cookie, bytes);
                Ok(())
            }
        }
    }

    fn open(&self, cookie: &str, bytes: &mut [u8]) -> Result<Opened, Unopened> {
        match self {
            Self::Sealed(sealer) => sealer.open(&[cookie.as_bytes()], bytes),
            Self::Signed(signer) => signer.verify(cookie, bytes),
        }
    }
}

impl Backend for CookieStore {
    fn token(&self, value: &[u8], cookie: &str) -> Result<Presented, Origin> {
        let shortest = seal::text_len(self.protection.prefix() + self.protection.suffix());
        if value.len() < shortest || cookie.len() + value.len() > Self::MAX {
            return Err(Origin::UnknownId);
        }
        Ok(Presented::new(Token::Sealed(Bytes::copy_from_slice(value))))
    }

    fn value<'t>(&self, token: &'t Token, _: &str) -> Cow<'t, [u8]> {
        token.as_bytes().into()
    }

    fn is_client_side(&self) -> bool {
        true
    }

    fn load<'a>(&'a self, token: Token, cookie: &'a str, _: Option<Roll>) -> BoxFuture<'a, Result<Found, StoreError>> {
        Box::pin(ready(Ok(self.found(token, cookie))))
    }

    fn commit<'a>(&'a self, commit: Commit<'a>) -> BoxFuture<'a, Result<Committed, SessionError>> {
        Box::pin(ready(self.committed(&commit)))
    }
}

impl fmt::Debug for CookieStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protection = match *self.protection {
            Protection::Sealed(_) => "sealed",
            Protection::Signed(_) => "signed",
        };
        f.debug_struct("CookieStore").field("protection", &protection).finish_non_exhaustive()
    }
}
