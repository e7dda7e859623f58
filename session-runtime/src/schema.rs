//! What the derive macro implements, and what its one-line methods call.

use std::fmt;
use std::ops::DerefMut;

use crate::core::SessionCore;
use crate::error::{Chain, SessionError};
use crate::field::AnyField;
use crate::record::Staged;
use crate::state::{Changes, Late};

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

/// The typed session of a schema: an accessor per field, and the methods of [`SessionCore`].
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

    #[doc(hidden)]
    fn each(&self, visit: &mut dyn FnMut(&dyn AnyField));
    #[doc(hidden)]
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut dyn AnyField));

    /// The values of all fields, as a copy of its own: changes to it go nowhere.
    fn snapshot(&self) -> Self::Schema;

    /// Sets every field.
    fn replace(&mut self, value: Self::Schema);

    /// Whether anything would be written for this session now.
    fn is_modified(&self) -> bool {
        is_modified(self)
    }

    /// The stored names of the fields that would be written now.
    fn changed_fields(&self) -> Vec<&'static str> {
        changed_fields(self)
    }

    /// Forgets what this session changed and has not saved: fields, a new id, a lifetime. What is stored stays, and so does the cookie.
    fn discard(&mut self) {
        discard(self);
    }

    /// Sets every field of this schema back to its default, and stores none of them. The session keeps its id, and ends if no field of any
    /// other schema is left.
    fn clear(&mut self) {
        clear(self);
    }

    /// Ends the session at the end of the request, whatever it holds and whatever the response: a sign-out. The record and the cookie are
    /// removed. What is set afterwards begins a new session, under a new id.
    ///
    /// After the head of the response it takes [`save`](Self::save) to be carried out.
    fn destroy(&mut self) {
        destroy(self);
    }

    /// Writes what this request changed so far, now.
    ///
    /// # Errors
    ///
    /// - [`is_encode`](SessionError::is_encode) if a value could not be serialized;
    /// - [`is_unavailable`](SessionError::is_unavailable) if the store could not be reached, did not answer in time, or is full;
    /// - [`is_conflict`](SessionError::is_conflict) if others kept committing to the session;
    /// - [`is_head_sent`](SessionError::is_head_sent) if a cookie would be needed after the head of the response.
    ///
    /// The session is as it was, and may be saved again.
    fn save(&mut self) -> impl Future<Output = Result<(), SessionError>> + Send {
        save(self)
    }

    /// Asks the store again, and forgets what this session changed.
    ///
    /// # Errors
    ///
    /// As of [`SessionHandle::load`](crate::SessionHandle::load); the session is as it was.
    fn reload(&mut self) -> impl Future<Output = Result<(), SessionError>> + Send {
        reload(self)
    }
}

/// Whether anything would be written for this session now.
pub fn is_modified<S: TypedSession>(session: &S) -> bool {
    session.has_changes() || !changed_fields(session).is_empty()
}

/// The stored names of the fields that would be written now.
pub fn changed_fields<S: TypedSession>(session: &S) -> Vec<&'static str> {
    let mut changes = Changes::default();
    let mut names = Vec::new();
    session.each(&mut |field| {
        // A value that cannot be encoded is a change too, if one that fails.
        if !matches!(field.stage(&session.record, &mut changes.delta, false), Ok(Staged::Unchanged)) {
            names.push(field.name());
        }
    });
    names
}

/// Forgets what this session changed and has not deposited.
pub fn discard<S: TypedSession>(session: &mut S) {
    SessionCore::discard(session);
    session.each_mut(&mut |field| field.reset());
}

/// Sets every field of this schema back to its default.
pub fn clear<S: TypedSession>(session: &mut S) {
    session.each_mut(&mut |field| field.clear());
}

/// Ends the session, whatever else it holds and whatever the response; what is set afterwards begins a new one.
pub fn destroy<S: TypedSession>(session: &mut S) {
    SessionCore::destroy(session);
    session.each_mut(&mut |field| field.reset());
}

/// Writes what changed so far.
///
/// # Errors
///
/// Where a value could not be encoded, the store could not answer, or a cookie would be needed after the head of the response.
pub async fn save<S: TypedSession>(session: &mut S) -> Result<(), SessionError> {
    let changes = staged(session)?;
    let core: &mut SessionCore = session;
    core.handle().clone().save(core.epoch(), changes).await?;
    restart(session);
    Ok(())
}

/// Asks the store again, and forgets what this session changed.
///
/// # Errors
///
/// Where the store could not answer; the session is as it was.
pub async fn reload<S: TypedSession>(session: &mut S) -> Result<(), SessionError> {
    session.handle().clone().reload().await?;
    restart(session);
    Ok(())
}

fn restart<S: TypedSession>(session: &mut S) {
    session.rebase();
    session.each_mut(&mut |field| field.reset());
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
                "a session was dropped with changes after the head of the response was sent: they are lost, call `save().await`"
            );
        }
        Some(Late::Removal) => {
            tracing::error!(
                "a session was destroyed after the head of the response was sent: it lives on, call `save().await`"
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
    let mut staged = Ok(());
    session.each(&mut |field| {
        if staged.is_ok() && field.is_touched() {
            // A session that begins because the old one ended meanwhile holds all that was set here, new or not.
            staged = field.stage(&core.record, &mut changes.delta, core.regenerates_id()).map(drop);
        }
    });
    core.stage(&mut changes);
    staged.map(|()| changes)
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
