//! A request talks to the store one call at a time.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Lets one in; cheaper than a mutex where, as nearly always, nobody else wants to.
#[derive(Default)]
pub(super) struct Gate {
    busy: AtomicBool,
    left: Notify,
}

/// Inside the gate, until it is dropped.
pub(super) struct Inside<'a>(&'a Gate);

impl Gate {
    /// Waits until nobody is inside.
    pub(super) async fn enter(&self) -> Inside<'_> {
        while self.busy.swap(true, Ordering::Acquire) {
            // Leaving stores a permit where nobody waits yet, so that none can leave unnoticed between the two lines.
            self.left.notified().await;
        }
        Inside(self)
    }

    /// Whether somebody is inside.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
        self.0.left.notify_one();
    }
}
