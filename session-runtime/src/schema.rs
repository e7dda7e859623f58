//! What the derive macro implements, and what its one-line methods call.

use std::fmt;
use std::ops::DerefMut;

use crate::core::SessionCore;
use crate::envelope::{self, Context as _, KeptContext};
use crate::error::{Chain, SessionError};
use crate::field::{AnyField, Keep, Principals};
use crate::record::{Staged, Stamp};
use crate::state::{Changes, Late, Lifetime};

/// A struct whose fields are a session's; implemented by `#[derive(Session)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session schema",
    note = "write `#[derive(Session)]` above `{Self}`"
)]
pub trait Schema: Sized + 'static {
    /// The typed session: [`Session<Self>`](Session).
    type Session: TypedSession<Schema = Self>;

    /// A session that reads from `core`.
    #[doc(hidden)]
    fn open(core: SessionCore) -> Self::Session;
}

/// The typed session of a schema: an accessor per field, and the methods of [`TypedSession`] and [`SessionCore`].
pub type Session<T> = <T as Schema>::Session;

/// A generated session, whatever its schema; implemented by `#[derive(Session)]`.
#[diagnostic::on_unimplemented(
    message = "`#[session(autoload)]` lends only `Session<T>`, not `{Self}`",
    label = "not a typed session",
    note = "if `{Self}` derives `Session`, write `Session<{Self}>`; other extractors are taken by value"
)]
pub trait TypedSession: DerefMut<Target = SessionCore> + Send + Sync + Sized + 'static {
    /// What it was generated from.
    type Schema: Schema<Session = Self>;

    /// Whether a field has `on_mismatch = "reject"`.
    #[doc(hidden)]
    const REJECTS: bool = false;
    /// Whether a field is `sealed`.
    #[doc(hidden)]
    const SEALS: bool = false;
    /// Whether a field has a `merge`.
    #[doc(hidden)]
    const MERGES: bool = false;
    /// Whether a field is the `principal`.
    #[doc(hidden)]
    const OWNED: bool = false;

    #[doc(hidden)]
    fn each(&self, visit: &mut dyn FnMut(&dyn AnyField));
    #[doc(hidden)]
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut dyn AnyField));

    /// The values of all fields, as a copy of its own: changes to it go nowhere.
    fn snapshot(&self) -> Self::Schema;

    /// Sets every field. Where the principal stays the same, that is no sign-in.
    fn replace(&mut self, value: Self::Schema);

    /// Whether anything would be written for this session now.
    fn is_modified(&self) -> bool {
        self.has_changes() || !TypedSession::changed_fields(self).is_empty()
    }

    /// The stored names of the fields that would be written now.
    fn changed_fields(&self) -> Vec<&'static str> {
        let mut changes = Changes::default();
        let mut names = Vec::new();
        self.each(&mut |field| {
            // A value that cannot be encoded is a change too, if one that fails.
            let core: &SessionCore = self;
            if !matches!(field.stage(core, &mut changes.delta, self.keeps(field)), Ok(Staged::Unchanged)) {
                names.push(field.name());
            }
        });
        names
    }

    /// Forgets what this session changed and has not saved: fields, a new id, a lifetime. What is stored stays, and so does the cookie.
    fn discard(&mut self) {
        SessionCore::discard(self);
        self.each_mut(&mut |field| field.reset());
    }

    /// Sets every field of this schema back to its default, and stores none of them. The session keeps its id, unless that signs somebody out; it
    /// ends if no field of any other schema is left.
    fn clear(&mut self) {
        self.each_mut(&mut |field| field.clear());
    }

    /// Ends the session at the end of the request, whatever it holds and whatever the response: a sign-out. The record and the cookie are
    /// removed. What is set afterwards begins a new session, under a new id.
    ///
    /// After the head of the response it takes [`save`](Self::save) to be carried out.
    fn destroy(&mut self) {
        SessionCore::destroy(self);
        self.each_mut(&mut |field| field.reset());
    }

    /// Writes what this request changed so far, now.
    ///
    /// # Errors
    ///
    /// - [`is_encode`](SessionError::is_encode) if a value could not be serialized;
    /// - [`is_unavailable`](SessionError::is_unavailable) if the store could not be reached, did not answer in time, or is full;
    /// - [`is_too_large`](SessionError::is_too_large) if the session does not fit into the cookie that holds it;
    /// - [`is_mismatch`](SessionError::is_mismatch) if what others made of a sealed field with a `merge` does not open;
    /// - [`is_conflict`](SessionError::is_conflict) if others kept committing to the session;
    /// - [`is_limit_reached`](SessionError::is_limit_reached) if it was a sign-in, and the principal has as many sessions as the limit allows;
    /// - [`is_head_sent`](SessionError::is_head_sent) if a cookie would be needed after the head of the response.
    ///
    /// The session is as it was, and may be saved again; what was not answered is not done twice. Where nobody can tell any more whether it was
    /// done, saving stays unavailable until the session is [reloaded](Self::reload). To a session that has ended meanwhile nothing is written,
    /// and that is no error.
    fn save(&mut self) -> impl Future<Output = Result<(), SessionError>> + Send {
        async {
            let changes = staged(self)?;
            let stamp = Stamp::next();
            let before = self.note_tried(&changes, stamp);
            let core: &SessionCore = self;
            let saved = core.handle().clone().save(core.epoch(), changes, stamp).await;
            match saved {
                Ok(()) => restart(self),
                Err(error) => {
                    if !error.is_unavailable() {
                        self.forget_tried(before);
                    }
                    Err(error)
                }
            }
        }
    }

    /// Asks the store again, and forgets what this session changed.
    ///
    /// # Errors
    ///
    /// As of [`SessionHandle::load`](crate::SessionHandle::load).
    fn reload(&mut self) -> impl Future<Output = Result<(), SessionError>> + Send {
        async {
            let core: &SessionCore = self;
            core.handle().clone().reload().await?;
            restart(self)
        }
    }
}

/// Starts again from what the handle knows now.
fn restart<S: TypedSession>(session: &mut S) -> Result<(), SessionError> {
    session.rebase();
    session.each_mut(&mut |field| field.reset());
    check(session)
}

/// Decodes the fields that must decode, of the few schemas that have any.
pub(crate) fn check<S: TypedSession>(session: &S) -> Result<(), SessionError> {
    let mut checked = Ok(());
    if !S::REJECTS && !S::SEALS {
        return checked;
    }
    let core: &SessionCore = session;
    session.each(&mut |field| {
        if checked.is_ok() {
            checked = field.check(core);
        }
    });
    checked
}

/// A session is dropped: leaves what it changed with the request.
pub fn deposit<S: TypedSession>(session: &S) {
    let mut touched = session.has_changes() || session.is_destroyed();
    session.each(&mut |field| touched |= field.is_touched());
    if touched && !session.is_lent() && !std::thread::panicking() {
        leave(session);
    }
}

#[inline(never)]
fn leave<S: TypedSession>(session: &S) {
    let core: &SessionCore = session;
    let staged = staged(session);
    if let Err(error) = &staged {
        tracing::error!(field = error.field(), error = %Chain(error), "a session could not be encoded, nothing of it is written");
    }
    let late = core.handle().leave(core.epoch(), staged);
    match late {
        None => {}
        Some(Late::Changes(fields)) => {
            tracing::error!(
                ?fields,
                "a session was dropped with changes after the head of the response was sent: they are lost; what `save().await` writes to a store on the server is not"
            );
        }
        Some(Late::Removal) => {
            tracing::error!(
                "a session was destroyed after the head of the response was sent: it lives on; `save().await` ends it in a store on the server"
            );
        }
    }
}

fn staged<S: TypedSession>(session: &S) -> Result<Changes, SessionError> {
    let core: &SessionCore = session;
    let mut touched = 0;
    session.each(&mut |field| touched += usize::from(field.is_touched()));
    let mut changes = Changes::default();
    changes.delta.reserve(touched);
    core.stage(&mut changes);
    let mut staged = Ok(());
    let mut seals = false;
    if S::OWNED {
        session.each(&mut |field| {
            if staged.is_ok() && field.is_principal() && field.is_touched() {
                staged = claim(core, field, &mut changes);
            }
        });
    }
    session.each(&mut |field| {
        if staged.is_ok() && field.is_touched() && !(S::OWNED && field.is_principal()) {
            staged = stage(core, field, &mut changes, S::MERGES).map(|one| {
                seals |= S::SEALS && field.is_sealed() && one == Staged::Changed;
            });
        }
    });
    staged?;
    if seals && let Some(binding) = core.bindings()?.first() {
        changes.bind(*binding);
    }
    Ok(changes)
}

/// Adds what was made of the principal; before other fields, since a sign-in keeps all that is set with it. To set it is a sign-in, even to the
/// value that it has.
fn claim(core: &SessionCore, field: &dyn AnyField, changes: &mut Changes) -> Result<(), SessionError> {
    if field.stage(core, &mut changes.delta, core.keeps(field))? == Staged::Unchanged {
        return Ok(());
    }
    let Principals { before, after, is_set } = field.principals(core)?;
    let is_another = before != after;
    if is_another && changes.lifetime.is_none() && core.record.own_lifetime().is_some() {
        // Who is to be remembered is one principal, not the next.
        changes.set_lifetime(Lifetime::Configured);
    }
    if is_another || is_set { changes.claim(after, core.now()) } else { Ok(()) }
}

/// Adds what was made of one field.
#[inline]
fn stage(
    core: &SessionCore,
    field: &dyn AnyField,
    changes: &mut Changes,
    merges: bool,
) -> Result<Staged, SessionError> {
    let keep = match core.keeps(field) {
        // A session that begins because the old one ended meanwhile holds all that was set here, new or not.
        Keep::Changed if changes.regenerate_id => Keep::Set,
        keep => keep,
    };
    let staged = field.stage(core, &mut changes.delta, keep)?;
    if merges
        && staged != Staged::Unchanged
        && let Some(rule) = field.rule()
    {
        // An envelope may stand around a value of a field that has none any more.
        let stored = core.record.get(field.name());
        let may_have_one = field.has_envelope() || core.sealer().is_some() || envelope::is_around(stored);
        let context = may_have_one.then(|| KeptContext::of(core)).transpose()?;
        let around = context.map(|context| (context, field.seen()));
        changes.merges.push(rule, &core.record, around, core.tried().map(|tried| &tried.merges));
    }
    Ok(staged)
}

/// Shows the fields' names and what was done to them, never their values.
///
/// # Errors
///
/// Where the formatter fails.
pub fn debug<S: TypedSession>(session: &S, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut shown = f.debug_struct("Session");
    session.each(&mut |field| {
        shown.field(field.name(), &if field.is_touched() { "touched" } else { "untouched" });
    });
    shown.finish_non_exhaustive()
}

/// Lends a session to a handler that reads it.
pub fn lend<S: TypedSession>(session: &S) -> &S {
    session
}

/// Lends a session to a handler's body; it deposits nothing until the body has run to its end.
pub fn lend_mut<S: TypedSession>(session: &mut S) -> &mut S {
    session.set_lent(true);
    session
}

/// The body has run to its end.
pub fn finish<S: TypedSession>(session: &mut S) {
    session.set_lent(false);
}

/// As [`finish`], where there may be no session.
pub fn finish_option<S: TypedSession>(session: &mut Option<S>) {
    if let Some(session) = session {
        finish(session);
    }
}
