//! Removes what has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::spawn;
use tokio::time::{Instant, timeout};

use super::SqlStore;
use super::dialect::SqlDatabase;
use super::driver::Value;
use super::pools::Statement;
use super::row::millis;
use crate::error::{Chain, StoreError};
use crate::pause::part_of;

/// Removes what has ended from a table, again and again, until it is dropped; a batch that is under way then is brought to its end.
#[derive(Debug)]
#[must_use = "a reaper stops when it is dropped, which `let _ = …` does at once: keep it, as in `let _reaper = store.reaper(…)`"]
pub struct Reaper {
    removed: Arc<AtomicU64>,
    /// Closed when this is dropped.
    _keeps: oneshot::Sender<()>,
}

impl Reaper {
    /// How many rows it has removed: sessions that have ended, and what sign-outs and renewed ids had left.
    pub fn removed(&self) -> u64 {
        self.removed.load(Ordering::Relaxed)
    }
}

/// Whether what is being done is to be stopped.
struct Stop(oneshot::Receiver<()>);

impl Stop {
    /// Waits for so long, or until it is to be stopped, and says whether it is.
    async fn within(&mut self, pause: Duration) -> bool {
        timeout(pause, &mut self.0).await.is_ok()
    }
}

impl<DB: SqlDatabase> SqlStore<DB> {
    /// Begins to remove what has ended, [batch](Self::clear_expired) by batch, about as often as this: some nodes that do so at once, with a
    /// quarter more or less at random, are rarely at it together, and do not hinder each other if they are. It goes on until the [`Reaper`] is
    /// dropped; a database that is away is asked again the next time, and a warning is traced.
    ///
    /// Sessions end without it, to the millisecond. It gives their room back, so once in a few minutes will do.
    ///
    /// ```no_run
    /// # use session_runtime::{SessionLayer, SqliteStore, StoreError};
    /// # use std::time::Duration;
    /// # async fn connect() -> Result<(), StoreError> {
    /// let store = SqliteStore::connect("sessions.db").await?;
    /// let _reaper = store.reaper(Duration::from_mins(5)); // to be kept: in `main`, or beside the layer
    /// let sessions = SessionLayer::new(store);
    /// # let _ = sessions;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn reaper(&self, every: Duration) -> Reaper {
        let removed = Arc::new(AtomicU64::new(0));
        let (store, count) = (self.clone(), removed.clone());
        let (keeps, stop) = oneshot::channel();
        spawn(async move {
            let mut stop = Stop(stop);
            while !stop.within(about(every)).await {
                if let Err(error) = store.sweep(&count, &mut stop).await {
                    tracing::warn!(error = %Chain(&error), "sessions that have ended were not removed, they will be the next time");
                }
            }
        });
        Reaper { removed, _keeps: keeps }
    }

    /// Removes what has ended, now, and says how many rows that were: for those who have a scheduler of their own.
    ///
    /// It goes by the index, in batches of at most a thousand rows, each of which takes a few milliseconds, and pauses after each for as long as it
    /// took. It waits for no row that somebody has locked.
    ///
    /// # Errors
    ///
    /// Where the database could not be asked. What was removed until then is removed.
    pub async fn clear_expired(&self) -> Result<u64, StoreError> {
        let removed = AtomicU64::new(0);
        let (_keeps, stop) = oneshot::channel();
        self.sweep(&removed, &mut Stop(stop)).await?;
        Ok(removed.into_inner())
    }

    async fn sweep(&self, removed: &AtomicU64, stop: &mut Stop) -> Result<(), StoreError> {
        let now = millis(self.clock.now());
        loop {
            let began = Instant::now();
            let values = [Value::Number(now), Value::Number(DB::BATCH)];
            let rows = self.pools.sweep(Statement { sql: &self.statements.sweep, values: &values }).await?;
            removed.fetch_add(rows, Ordering::Relaxed);
            if rows < DB::BATCH.cast_unsigned() || stop.within(began.elapsed()).await {
                return Ok(());
            }
        }
    }
}

/// As good as never.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// This span, and up to a quarter more or less.
fn about(span: Duration) -> Duration {
    let span = span.min(LONGEST);
    (span.mul_f64(0.75) + part_of(span / 2)).max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_are_up_to_a_quarter_sooner_or_later_and_never_alike() {
        let hour = Duration::from_hours(1);
        let spans: Vec<_> = (0..1000).map(|_| about(hour)).collect();
        let (least, most) = (spans.iter().min().expect("many"), spans.iter().max().expect("many"));
        assert!(hour.mul_f64(0.75) <= *least && *most <= hour.mul_f64(1.25), "{least:?} {most:?}");
        assert!(*least < hour.mul_f64(0.8) && hour.mul_f64(1.2) < *most, "{least:?} {most:?}");
        assert_eq!(about(Duration::ZERO), Duration::from_millis(1));
        assert!(about(Duration::MAX) > LONGEST / 2);
    }
}
