//! Statements that reach the server late, when whoever asked has given up.

use session_runtime::SessionStore as _;
use session_runtime::store::{Inserted, Removed};
use session_tests::proxy::{Fault, Proxy};
use session_tests::{dropped_after, until};

use super::{key, record, seen};
use crate::support::{Server, fill, pooled};

over_servers!(an_insert_that_comes_late_does_not_bring_back_who_signed_out);

/// Its repeat has created the session, which was used and has ended, when the server sees it.
async fn an_insert_that_comes_late_does_not_bring_back_who_signed_out<S: Server>() {
    let server = S::start();
    let proxy = Proxy::to(server.port()).await;
    let (store, pool) = pooled::<S::DB>(&proxy.instead_of(&server.url()), 2).await;
    let (beside, _) = pooled::<S::DB>(&server.url(), 1).await;
    // The connections know the statement, which so is one message.
    fill(&pool).await;
    for _ in 0..4 {
        store.insert(&key(), &record()).await.expect("stored");
    }
    let (key, record) = (key(), record());
    proxy.set(Fault::Hold);
    assert!(dropped_after(0, store.insert(&key, &record)).await.is_none(), "it is held up");
    assert_eq!(beside.insert(&key, &record).await.expect("an answer"), Inserted::Done);
    assert_eq!(seen(&beside, &key).await, "1 until 3600000");
    assert_eq!(beside.remove(&key).await.expect("an answer"), Removed::Done);
    let late = proxy.late();
    proxy.set(Fault::None);
    until("the insert has come", async || (proxy.late() > late).then_some(())).await;
    assert_eq!(seen(&beside, &key).await, "nothing");
    assert_eq!(store.insert(&key, &record).await.expect("an answer"), Inserted::Exists);
    assert_eq!(seen(&store, &key).await, "nothing");
}
