//! Updates and renames: repeated until they no longer conflict.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Basis, Commit, Target, is_lost};
use crate::error::{Chain, SessionError, StoreError};
use crate::event::Event;
use crate::id::StoreKey;
use crate::pause;
use crate::record::{Delta, Record};
use crate::store::{SessionStore, Update, Updated};

/// What came of an update or a rename.
pub(super) enum Settled {
    /// The changes are stored.
    Written {
        basis: Basis,
        place: Place,
    },
    Emptied,
    Missing,
}

/// Where the session is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// Under the key of the client's id.
    Same,
    /// Under this key, to which somebody else renamed it.
    Moved(StoreKey),
    /// Under the key that it was to be renamed to.
    Renamed(StoreKey),
}

/// Repeats a commit, each time on what is there now, until it no longer conflicts; follows one hop to a renamed session.
pub(super) async fn settle<S: SessionStore>(
    store: &S,
    commit: &Commit<'_>,
    target: Target<'_>,
    mut rename_to: Option<&StoreKey>,
) -> Result<Settled, SessionError> {
    let mut current: Option<Record> = None;
    let mut key = *target.key;
    let mut hopped = false;
    let mut contest = Contest::of(commit);
    let mut lost = None;
    loop {
        let base = current.as_ref().unwrap_or(&target.live.record);
        let delta = match rename_to {
            Some(_) => commit.renaming_delta_onto(base)?,
            None => commit.delta_onto(base)?,
        };
        let update = update(commit, base, &delta).version_must_hold(!commit.merges.is_empty() || lost.is_some());
        let answer = match rename_to {
            Some(new) => store.rename(&key, new, &update, commit.grace()).await,
            None => store.update(&key, &update).await,
        };
        let place = || match rename_to {
            Some(new) => Place::Renamed(*new),
            None if hopped || target.live.moved => Place::Moved(key),
            None => Place::Same,
        };
        match answer {
            Ok(Updated::Done) => {
                let basis = Basis { merged: merged(delta), current };
                return Ok(Settled::Written { basis, place: place() });
            }
            // The commit was done, and only its answer was lost.
            Ok(Updated::Conflict(record)) if rename_to.is_none() && record.has_stamp(commit.stamp) => {
                let basis = Basis { current: Some(record), merged: Some(Box::default()) };
                return Ok(Settled::Written { basis, place: place() });
            }
            Ok(Updated::Conflict(record)) => {
                tell_lost(lost.take(), base, &record)?;
                current = Some(record);
                contest.lost(commit, &key).await?;
            }
            Ok(Updated::Emptied) => return Ok(Settled::Emptied),
            Ok(Updated::Moved(new)) if !hopped => {
                (key, hopped) = (new, true);
                // Its id was renewed just now.
                rename_to = rename_to.filter(|_| commit.grace().is_none());
            }
            Ok(Updated::Missing | Updated::Moved(_)) => return Ok(Settled::Missing),
            Err(error) if is_lost(&error) && lost.is_none() => {
                tracing::debug!(error = %Chain(&error), "the store gave no answer, it is asked again");
                lost = Some(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn update<'a>(commit: &Commit<'_>, base: &'a Record, delta: &'a Delta) -> Update<'a> {
    Update::new(base, delta, commit.stamp)
        .remove_if_empty(commit.action.removes_if_empty())
        .expiry(commit.expiry)
        .principal(commit.principal.clone())
}

/// Whether the commit that was not answered was not done either: no stamp of it tells that only where none has been forgotten since.
fn tell_lost(unanswered: Option<StoreError>, base: &Record, current: &Record) -> Result<(), StoreError> {
    match unanswered {
        Some(error) if current.may_have_forgotten(base.version()) => Err(error),
        _ => Ok(()),
    }
}

fn merged(delta: Cow<'_, Delta>) -> Option<Box<Delta>> {
    match delta {
        Cow::Borrowed(_) => None,
        Cow::Owned(merged) => Some(Box::new(merged)),
    }
}

/// A commit that others came before, again and again.
struct Contest {
    began: Option<Instant>,
    tries: u32,
}

impl Contest {
    /// A commit whose version must hold may lose; the time of another is taken only if it does.
    fn of(commit: &Commit<'_>) -> Self {
        Self { began: (!commit.merges.is_empty()).then(Instant::now), tries: 0 }
    }

    /// Waits for a moment that is longer, and more random, from try to try; gives up where another try could come too late.
    async fn lost(&mut self, commit: &Commit<'_>, key: &StoreKey) -> Result<(), SessionError> {
        self.tries += 1;
        let elapsed = self.began.get_or_insert_with(Instant::now).elapsed();
        let pause = self.pause();
        let next = elapsed / self.tries;
        if elapsed.saturating_add(pause).saturating_add(next) > commit.patience {
            return Err(SessionError::conflict(commit.contested()));
        }
        commit.events.tell(&Event::contested(*key, commit.contested()));
        if !pause.is_zero() {
            sleep(pause).await;
        }
        Ok(())
    }

    /// None before the second try, which nearly always succeeds.
    fn pause(&self) -> Duration {
        self.tries.checked_sub(2).map_or(Duration::ZERO, pause::doubled)
    }
}
