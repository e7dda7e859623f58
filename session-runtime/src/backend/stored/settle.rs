//! Updates and renames: repeated until they no longer conflict.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Basis, Commit, Target, is_lost};
use crate::error::{Chain, SessionError, StoreError};
use crate::id::StoreKey;
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
    let mut record = target.live.record.clone();
    let mut key = *target.key;
    let mut moved = target.live.moved;
    let mut contest = Contest::default();
    let mut lost = None;
    loop {
        let delta = match rename_to {
            Some(_) => commit.renaming_delta_onto(&record)?,
            None => commit.delta_onto(&record)?,
        };
        let update = Update::new(&record, &delta, commit.stamp)
            .version_must_hold(!commit.merges.is_empty() || lost.is_some())
            .remove_if_empty(commit.action.removes_if_empty())
            .expiry(commit.expiry);
        let answer = match rename_to {
            Some(new) => store.rename(&key, new, &update, commit.grace()).await,
            None => store.update(&key, &update).await,
        };
        let place = || match rename_to {
            Some(new) => Place::Renamed(*new),
            None if moved => Place::Moved(key),
            None => Place::Same,
        };
        match answer {
            Ok(Updated::Done) => {
                let basis = Basis { record, merged: merged(delta) };
                return Ok(Settled::Written { basis, place: place() });
            }
            // The commit was done, and only its answer was lost.
            Ok(Updated::Conflict(record)) if record.has_stamp(commit.stamp) => {
                let basis = Basis { record, merged: Some(Box::default()) };
                return Ok(Settled::Written { basis, place: place() });
            }
            Ok(Updated::Conflict(current)) => {
                tell_lost(lost.take(), &record, &current)?;
                record = current;
                contest.lost(commit).await?;
            }
            Ok(Updated::Emptied) => return Ok(Settled::Emptied),
            Ok(Updated::Moved(new)) if !moved => {
                (key, moved) = (new, true);
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

/// Whether the commit that was not answered was not done either: no stamp of it tells that only where none has been forgotten since.
fn tell_lost(unanswered: Option<StoreError>, base: &Record, current: &Record) -> Result<(), StoreError> {
    match unanswered {
        Some(error) if current.version().saturating_sub(base.version()) > Record::STAMPS => Err(error),
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
#[derive(Default)]
struct Contest {
    began: Option<Instant>,
    tries: u32,
}

impl Contest {
    /// The longest wait between two tries.
    const LONGEST: Duration = Duration::from_millis(64);

    /// Waits for a moment that is longer, and more random, from try to try; gives up where another try could come too late.
    async fn lost(&mut self, commit: &Commit<'_>) -> Result<(), SessionError> {
        let began = *self.began.get_or_insert_with(Instant::now);
        let elapsed = began.elapsed();
        let pause = self.pause();
        // Two tries more: the one before the contest began, and the next.
        let tries = elapsed.checked_div(self.tries).unwrap_or_default().saturating_mul(2);
        if elapsed.saturating_add(pause).saturating_add(tries) > commit.patience {
            return Err(SessionError::conflict(commit.contested()));
        }
        self.tries += 1;
        tracing::debug!(
            field = commit.contested(),
            tries = self.tries,
            "a commit conflicts with another and is tried again"
        );
        if !pause.is_zero() {
            sleep(pause).await;
        }
        Ok(())
    }

    /// None before the second try, which nearly always succeeds.
    fn pause(&self) -> Duration {
        let Some(doublings) = self.tries.checked_sub(1) else {
            return Duration::ZERO;
        };
        let most = Duration::from_millis(1).saturating_mul(1 << doublings.min(10)).min(Self::LONGEST);
        // Without random bytes the waits are only as random as the store.
        let share = getrandom::u32().unwrap_or(u32::MAX);
        most.mul_f64(f64::from(share) / f64::from(u32::MAX))
    }
}
