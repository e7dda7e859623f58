//! What every typed session can do, whatever its fields.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::Origin;
use crate::clock::Timestamp;
use crate::envelope::Context;
use crate::error::SessionError;
use crate::expiry::{Expiry, Whose};
use crate::field::{AnyField, HasRecord, Keep};
use crate::handle::SessionHandle;
use crate::id::{SessionId, StoreKey};
use crate::record::{Bindings, Record, Stamp};
use crate::seal::Sealer;
use crate::state::{Changes, Lifetime, View};

/// The part of a typed session that needs no field: who it is, and how long it lives.
///
/// Every generated session dereferences to it. A field whose accessor has the name of one of these methods hides it, and
/// `SessionCore::id(&session)` still reaches it.
pub struct SessionCore {
    handle: SessionHandle,
    pub(crate) record: Record,
    origin: Origin,
    epoch: u32,
    /// What was changed of the session as a whole, if anything was: few requests do.
    lifecycle: Option<Box<Lifecycle>>,
    /// What saves were to write that may have happened.
    tried: Option<Box<Changes>>,
    /// Destroyed, and not saved since.
    destroyed: bool,
    /// Lent to a handler that has not run to its end.
    lent: bool,
}

/// What was changed of a session beside its fields.
#[derive(Default)]
struct Lifecycle {
    regenerate_id: bool,
    lifetime: Option<Lifetime>,
    description: Option<Box<str>>,
}

/// The most bytes of a description that are kept.
const MAX_DESCRIPTION: usize = 256;

impl SessionCore {
    pub(crate) fn new(handle: SessionHandle, view: View) -> Self {
        let View { record, origin, epoch } = view;
        Self { handle, record, origin, epoch, lifecycle: None, tried: None, destroyed: false, lent: false }
    }

    /// The id that the client's cookie holds; `None` before a new session is saved, and where the cookie holds the session itself.
    pub fn id(&self) -> Option<SessionId> {
        self.handle.state().live()?.token.id()
    }

    /// How this session came to be: a hint for people, not for decisions.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// When it was created, and when it ends.
    pub fn metadata(&self) -> Metadata {
        Metadata {
            created: self.record.created(),
            expires: self.record.expires(),
            own_lifetime: self.record.own_lifetime(),
            renewed: self.record.id_since(),
            authenticated_at: self.record.authenticated_at(),
        }
    }

    /// Gives the session a new id at the end of the request; the old one is dead at once, in every store on the server.
    ///
    /// Call it wherever somebody gains privileges: an id that was planted or spied out before is worth nothing after (OWASP Session Management Cheat
    /// Sheet, "Renew the Session ID After Any Privilege Level Change"). Setting or clearing a field that is the `principal` does it by itself.
    pub fn regenerate_id(&mut self) {
        self.lifecycle().regenerate_id = true;
    }

    /// Lets this session live for `span` from now on, used or not, and over restarts of the browser: "remember me". At most 400 days, and
    /// whatever the layer's [`Expiry`] says. [`metadata`](Self::metadata) tells it once it is saved. Where the session got a new id while this
    /// request ran, the browser is told by the next response that sends the cookie.
    pub fn set_lifetime(&mut self, span: Duration) {
        self.lifecycle().lifetime = Some(Lifetime::Own(span.min(Expiry::MAX)));
    }

    /// Takes a lifetime of its own from the session: it ends as the layer's [`Expiry`] says.
    pub fn reset_lifetime(&mut self) {
        self.lifecycle().lifetime = Some(Lifetime::Configured);
    }

    /// Says what device or program the session is used on, for a list of sessions
    /// ([`SessionEntry::description`](crate::SessionEntry::description)): "Firefox on Linux". The first 256 bytes are kept. A description alone
    /// begins no session. What a browser says of itself is a stranger's text: escape it where it is shown.
    pub fn describe(&mut self, description: &str) {
        let description = &description[..description.floor_char_boundary(MAX_DESCRIPTION)];
        if self.record.description() != Some(description) {
            self.lifecycle().description = Some(description.into());
        }
    }

    /// Makes sure that somebody signed in to this session no longer than `within` ago, before something that a session left open must not allow:
    /// a new password, a payment (OWASP Application Security Verification Standard 5.0, 7.5.1 and 7.5.3).
    ///
    /// If it fails, have the user authenticate, and set the field that is the `principal` again, to the same value: that counts as a sign-in, from
    /// the moment when it is saved.
    ///
    /// ```
    /// # use session_runtime::{Session, SessionError, session};
    /// # use std::time::Duration;
    /// # #[derive(Session)]
    /// # struct Account {
    /// #     #[session(principal)]
    /// #     user: Option<u64>,
    /// # }
    /// #[session(autoload)]
    /// async fn delete_account(account: &mut Session<Account>) -> Result<&'static str, SessionError> {
    ///     account.require_recent(Duration::from_mins(10))?;
    ///     // …
    ///     account.destroy();
    ///     Ok("deleted")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_not_recent`](SessionError::is_not_recent) if the last sign-in is longer ago, or nobody is signed in: look at the principal first where the
    /// two get different pages. As a response it is 403; for a page of your own, ask `require_recent(…).is_err()`.
    pub fn require_recent(&self, within: Duration) -> Result<(), SessionError> {
        let now = self.handle.policy().clock.now();
        match self.record.authenticated_at() {
            Some(at) if now.saturating_since(at) <= within => Ok(()),
            _ => Err(SessionError::not_recent()),
        }
    }

    /// The session as it is stored, if it is: without what this request has not committed.
    pub(crate) fn stored(&self) -> Option<(StoreKey, Record)> {
        self.handle.state().stored()
    }

    pub(crate) fn handle(&self) -> &SessionHandle {
        &self.handle
    }

    fn lifecycle(&mut self) -> &mut Lifecycle {
        self.lifecycle.get_or_insert_default()
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Whether more than fields was changed.
    pub(crate) fn has_changes(&self) -> bool {
        self.lifecycle.is_some()
    }

    pub(crate) fn is_destroyed(&self) -> bool {
        self.destroyed
    }

    /// What saves were to write that may have happened.
    pub(crate) fn tried(&self) -> Option<&Changes> {
        self.tried.as_deref()
    }

    /// Notes that these changes are being saved; what was noted before.
    pub(crate) fn note_tried(&mut self, changes: &Changes, stamp: Stamp) -> Option<Box<Changes>> {
        let mut saved = changes.clone();
        saved.note_tried(stamp, self.handle.state().version());
        if let Some(before) = &self.tried {
            saved.carry(before);
        }
        self.tried.replace(Box::new(saved))
    }

    /// The save did not happen: what was noted before it is what is known.
    pub(crate) fn forget_tried(&mut self, before: Option<Box<Changes>>) {
        self.tried = before;
    }

    /// Which values of a field are to be written.
    #[inline]
    pub(crate) fn keeps(&self, field: &dyn AnyField) -> Keep {
        match &self.tried {
            // It may be stored, and what was set back since is to be stored over it.
            Some(tried) if tried.delta.get(field.name()).is_some() => Keep::Touched,
            _ if field.is_principal() => Keep::Set,
            _ => Keep::Changed,
        }
    }

    /// Adds what was changed here to what fields changed.
    pub(crate) fn stage(&self, changes: &mut Changes) {
        let Some(lifecycle) = &self.lifecycle else { return };
        changes.regenerate_id |= lifecycle.regenerate_id;
        if let Some(lifetime) = lifecycle.lifetime {
            changes.set_lifetime(lifetime);
        }
        if let Some(description) = &lifecycle.description {
            changes.describe(description);
        }
    }

    /// Forgets what was changed here.
    pub(crate) fn discard(&mut self) {
        self.lifecycle = None;
        self.destroyed = false;
    }

    /// Starts again from what the handle knows now.
    pub(crate) fn rebase(&mut self) {
        self.discard();
        self.tried = None;
        let policy = self.handle.policy();
        let now = policy.clock.now();
        if let Some(view) = self.handle.state().view(|| Record::new(now, policy.expiry.initial(now, Whose::Anonymous)))
        {
            self.record = view.record;
            self.origin = view.origin;
            self.epoch = view.epoch;
        }
    }

    pub(crate) fn destroy(&mut self) {
        self.handle.state().destroy(self.epoch);
        self.rebase();
        self.destroyed = true;
    }

    pub(crate) fn set_lent(&mut self, lent: bool) {
        self.lent = lent;
    }

    pub(crate) fn is_lent(&self) -> bool {
        self.lent
    }
}

impl Context for SessionCore {
    fn now(&self) -> Timestamp {
        self.handle.policy().clock.now()
    }

    fn sealer(&self) -> Option<&Arc<Sealer>> {
        self.handle.policy().sealer.as_ref()
    }

    fn bindings(&self) -> Result<Bindings, SessionError> {
        let bindings = self.record.bindings();
        if bindings.is_empty() { Ok(self.handle.state().new_binding()?.into()) } else { Ok(bindings) }
    }
}

impl HasRecord for SessionCore {
    #[inline]
    fn record(&self) -> &Record {
        &self.record
    }
}

impl fmt::Debug for SessionCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCore")
            .field("origin", &self.origin)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// What is known about a session beside its fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Metadata {
    created: Timestamp,
    expires: Timestamp,
    own_lifetime: Option<Duration>,
    renewed: Timestamp,
    authenticated_at: Option<Timestamp>,
}

impl Metadata {
    /// When the session was created; for a new one, the present.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// When it ends, if nothing extends it.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// When it got the id that it has: with its creation, or with the last [`SessionCore::regenerate_id`] or rotation.
    pub fn renewed(&self) -> Timestamp {
        self.renewed
    }

    /// When somebody last signed in to it: when the field that is the `principal` was last set. `None` while nobody is.
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        self.authenticated_at
    }

    /// The lifetime that [`SessionCore::set_lifetime`] gave it.
    pub fn own_lifetime(&self) -> Option<Duration> {
        self.own_lifetime
    }
}
