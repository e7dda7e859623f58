//! What the derive macro implements, and what its one-line methods call.

use std::fmt;

use crate::core::SessionCore;
use crate::error::{Chain, SessionError};
use crate::field::AnyField;
use crate::record::Staged;
use crate::state::Changes;

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
pub trait TypedSession: Send + Sync + Sized + 'static {
    /// What it was generated from.
    type Schema: Schema<Session = Self>;

    #[doc(hidden)]
    fn core(&self) -> &SessionCore;
    #[doc(hidden)]
    fn core_mut(&mut self) -> &mut SessionCore;
    #[doc(hidden)]
    fn each(&self, visit: &mut dyn FnMut(&dyn AnyField));
    #[doc(hidden)]
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut dyn AnyField));
    #[doc(hidden)]
    fn snapshot(&self) -> Self::Schema;
    #[doc(hidden)]
    fn replace(&mut self, value: Self::Schema);
}

/// Whether anything would be written for this session now.
pub fn is_modified<S: TypedSession>(session: &S) -> bool {
    session.core().has_changes() || !changed_fields(session).is_empty()
}

/// The stored names of the fields that would be written now.
pub fn changed_fields<S: TypedSession>(session: &S) -> Vec<&'static str> {
    let mut changes = Changes::default();
    let mut names = Vec::new();
    session.each(&mut |field| {
        // A value that cannot be encoded is a change too, if one that fails.
        if !matches!(field.stage(&session.core().record, &mut changes.delta, false), Ok(Staged::Unchanged)) {
            names.push(field.name());
        }
    });
    names
}

/// Forgets what this session changed and has not deposited.
pub fn discard<S: TypedSession>(session: &mut S) {
    session.core_mut().discard();
    session.each_mut(&mut |field| field.reset());
}

/// Sets every field of this schema back to its default.
pub fn clear<S: TypedSession>(session: &mut S) {
    session.each_mut(&mut |field| field.clear());
}

/// Ends the session, whatever else it holds and whatever the response; what is set afterwards begins a new one.
pub fn destroy<S: TypedSession>(session: &mut S) {
    session.core_mut().destroy();
    session.each_mut(&mut |field| field.reset());
}

/// Writes what changed so far.
///
/// # Errors
///
/// Where a value could not be encoded, the store could not answer, or a cookie would be needed after the head of the response.
pub async fn save<S: TypedSession>(session: &mut S) -> Result<(), SessionError> {
    let changes = staged(session)?;
    let core = session.core_mut();
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
    session.core().handle().clone().reload().await?;
    restart(session);
    Ok(())
}

fn restart<S: TypedSession>(session: &mut S) {
    session.core_mut().rebase();
    session.each_mut(&mut |field| field.reset());
}

/// A session is dropped: leaves what it changed with the request.
pub fn deposit<S: TypedSession>(session: &S) {
    let mut touched = session.core().has_changes() || session.core().is_destroyed();
    session.each(&mut |field| touched |= field.is_touched());
    if touched && !session.core().is_lent() && !std::thread::panicking() {
        leave(session);
    }
}

#[inline(never)]
fn leave<S: TypedSession>(session: &S) {
    let core = session.core();
    let staged = staged(session);
    let mut state = core.handle().state();
    match staged {
        Err(error) => {
            tracing::error!(field = error.field(), error = %Chain(&error), "a session could not be encoded, nothing of it is written");
            state.fail(core.epoch(), error);
        }
        Ok(_) if state.is_head_sent() && state.is_removal_due() => {
            tracing::error!(
                "a session was destroyed after the head of the response was sent: it lives on, call `save().await`"
            );
        }
        Ok(changes) if changes.is_empty() => {}
        Ok(changes) if state.is_head_sent() => {
            let fields: Vec<_> = changes.delta.iter().map(|(name, _)| name).collect();
            tracing::error!(
                ?fields,
                "a session was dropped with changes after the head of the response was sent: they are lost, call `save().await`"
            );
        }
        Ok(changes) => state.deposit(core.epoch(), changes),
    }
}

fn staged<S: TypedSession>(session: &S) -> Result<Changes, SessionError> {
    let core = session.core();
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
    session.core_mut().set_lent(true);
    session
}

/// The body has run to its end.
pub fn finish<S: TypedSession>(session: &mut S) {
    session.core_mut().set_lent(false);
}

/// As [`finish`], where there may be no session.
pub fn finish_option<S: TypedSession>(session: &mut Option<S>) {
    if let Some(session) = session {
        finish(session);
    }
}
