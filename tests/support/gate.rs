//! A place where a handler waits for the test, so that a race happens in the order that the test wants.

use std::sync::Arc;

use tokio::sync::Notify;

/// A place to wait at; clones are the same place.
#[derive(Clone, Default)]
pub struct Gate(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    arrived: Notify,
    opened: Notify,
}

impl Gate {
    /// Says that it is here, and waits to be let through.
    pub async fn pass(&self) {
        self.0.arrived.notify_one();
        self.0.opened.notified().await;
    }

    /// Waits until somebody stands at the gate.
    pub async fn arrived(&self) {
        self.0.arrived.notified().await;
    }

    /// Lets one through.
    pub fn open(&self) {
        self.0.opened.notify_one();
    }
}
