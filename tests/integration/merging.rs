//! Fields with a `merge`: what two changes of one field make, between requests and within one.

mod conflicts;
mod kinds;
mod saves;
mod views;

use session_runtime::{MemoryStore, Session, SessionHandle, SessionLayer};

use session_tests::{Gate, Visitor, load};

#[derive(Session)]
struct Tally {
    #[session(merge = sum)]
    hits: u32,
    #[session(merge = union)]
    tags: Vec<String>,
    note: String,
}

/// A visitor whose session was begun by this.
async fn visitor(begin: impl FnOnce(&mut Session<Tally>) + Send + 'static) -> Visitor {
    let mut visitor = Visitor::through(SessionLayer::new(MemoryStore::new()));
    visitor.visit::<Tally>(begin).await;
    visitor
}

/// Does the second act in a request that loaded before the first was done and commits after it.
async fn race(
    visitor: &mut Visitor,
    first: impl FnOnce(&mut Session<Tally>) + Send + 'static,
    second: impl FnOnce(&mut Session<Tally>) + Send + 'static,
) {
    let gate = Gate::default();
    let inside = gate.clone();
    let slow = visitor.start(async move |handle: SessionHandle| {
        let mut tally = load::<Tally>(&handle).await;
        inside.pass().await;
        second(&mut tally);
    });
    gate.arrived().await;
    assert!(visitor.visit::<Tally>(first).await.status.is_success());
    gate.open();
    assert!(slow.await.expect("an answer").status.is_success());
}

/// What the visitor's session holds.
async fn read<T: Send + 'static>(visitor: &mut Visitor, read: impl FnOnce(&Session<Tally>) -> T + Send + 'static) -> T {
    let (seen, answer) = tokio::sync::oneshot::channel();
    visitor.visit::<Tally>(|tally| assert!(seen.send(read(tally)).is_ok())).await;
    answer.await.expect("the handler ran")
}

async fn hits(visitor: &mut Visitor) -> u32 {
    read(visitor, Session::<Tally>::hits).await
}
