//! A rename whose keys are on two servers: a copy under the new key, then the end of what is under the old one.

use super::error::taken;
use super::header::{Header, Pointer};
use super::layout::{self, Held};
use super::reply::Reply;
use super::{RedisStore, library};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{Applied, Update};

/// One rename.
pub(super) struct Rename<'a> {
    pub(super) store: &'a RedisStore,
    pub(super) old: &'a StoreKey,
    pub(super) new: &'a StoreKey,
    pub(super) update: &'a Update<'a>,
    pub(super) pointer: Pointer,
    pub(super) now: Timestamp,
}

/// What the next step is done with.
enum Step {
    /// The session is still under the old key.
    On(Record),
    /// It has come to this.
    Over(Reply),
}

impl Rename<'_> {
    /// The session is under the old key until the last step, which ends it there only if it is what was copied; a copy that is not followed by
    /// that step is under an id that nobody was told.
    pub(super) async fn over_two_slots(&self) -> Result<Reply, StoreError> {
        let mut step = self.begin().await?;
        let mut copied = None;
        loop {
            let current = match step {
                Step::On(current) => current,
                Step::Over(reply) => {
                    if let Some(version) = copied.filter(|_| !matches!(reply, Reply::Done | Reply::Owned { .. })) {
                        self.take_back(version).await?;
                    }
                    return Ok(reply);
                }
            };
            step = match self.update.apply_to(&current) {
                Applied::Write(next) => match self.copy(&next).await? {
                    Reply::Done => {
                        copied = Some(next.version());
                        self.end(&current, Some(&next)).await?
                    }
                    Reply::Missing => Step::Over(Reply::Missing),
                    _ => return Err(taken()),
                },
                Applied::Empty => self.end(&current, None).await?,
                // The commit was an update: the session was never under the new key.
                Applied::Repeated => Step::Over(Reply::Missing),
                Applied::Outdated => Step::Over(Reply::Conflict(current)),
            };
        }
    }

    async fn begin(&self) -> Result<Step, StoreError> {
        Ok(match self.store.read(self.old).await? {
            Held::Session(record) => Step::On(record),
            // A repeated call finds what it left behind the first time; the session may have ended, or gone elsewhere, since.
            Held::Pointer { to, .. } if to == *self.new => match self.store.read(self.new).await? {
                // As is told once more, since replicas may not have it yet.
                Held::Session(record) => self.end(&record, Some(&record)).await?,
                _ => Step::Over(Reply::Missing),
            },
            Held::Pointer { to, is_shown: true } => Step::Over(Reply::Moved(to)),
            Held::Ended { by } if by == self.update.stamp().to_bytes() => Step::Over(Reply::Emptied),
            Held::Pointer { .. } | Held::Ended { .. } | Held::Nothing => Step::Over(Reply::Missing),
        })
    }

    /// Puts the copy under the new key.
    async fn copy(&self, next: &Record) -> Result<Reply, StoreError> {
        let header =
            Header::new().moment(self.now).moment(next.expires()).number(next.version()).stamp(self.update.stamp());
        let mut request = library::COPY.over(self.store.hash(self.new), 32 + layout::room_for(next));
        request.arg(header.as_bytes());
        layout::write(&mut request, next);
        self.store.run_durably(&request).await
    }

    /// Removes the copy, of this version, of a rename that came to nothing or is to be tried again.
    async fn take_back(&self, version: u64) -> Result<(), StoreError> {
        let header = Header::new().moment(self.now).number(version).stamp(self.update.stamp());
        let mut request = library::UNCOPY.over(self.store.hash(self.new), 32);
        request.arg(header.as_bytes());
        self.store.run(&request).await.map(|_| ())
    }

    /// Ends what is under the old key, if it is still what was copied: it is this under the new one, or nothing.
    async fn end(&self, copied: &Record, next: Option<&Record>) -> Result<Step, StoreError> {
        let header = Header::new()
            .moment(self.now)
            .number(copied.version())
            .moment(copied.expires())
            .stamp(self.update.stamp())
            .byte(self.pointer.flags())
            .moment(self.pointer.until);
        let mut request = library::POINT.over(self.store.hash(self.old), 128);
        request.arg(header.as_bytes()).arg(next.map(|_| layout::text_of(self.new)).unwrap_or_default());
        Ok(match (self.store.run_durably(&request).await?, next) {
            (Reply::Conflict(current), _) => Step::On(current),
            (Reply::Done, Some(next)) => Step::Over(Reply::stored(next)),
            (reply, _) => Step::Over(reply),
        })
    }
}
