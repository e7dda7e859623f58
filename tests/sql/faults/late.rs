//! Statements that reach the server late, when whoever asked has given up.

use session_runtime::record::Stamp;
use session_runtime::store::{Inserted, Loaded, Removed, Update, Updated};
use session_runtime::{SessionStore as _, StoreError};
use session_tests::proxy::{Fault, Proxy};
use session_tests::{delta, dropped_after, until};

use super::{key, record, seen};
use crate::support::{Server, fill, idle, pooled};

over_servers!(
    an_insert_that_comes_late_does_not_bring_back_who_signed_out,
    a_change_that_is_repeated_after_many_others_is_an_error_and_not_made_twice,
);

/// Where nobody listens.
const NOWHERE: u16 = 1;

/// Its repeat has created the session, which was used and has ended, when the server sees it.
async fn an_insert_that_comes_late_does_not_bring_back_who_signed_out<S: Server>() {
    let server = S::start();
    let proxy = Proxy::to(server.port()).await;
    let (store, pool) = pooled::<S::DB>(&proxy.instead_of(&server.url()), 2).await;
    let (beside, _) = pooled::<S::DB>(&server.url(), 1).await;
    // The connections know the statement: executing it is one message.
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

/// The answer to an update is lost, and others have changed the session so often before it is repeated that nothing tells what it was.
async fn a_change_that_is_repeated_after_many_others_is_an_error_and_not_made_twice<S: Server>() {
    let server = S::start();
    let proxy = Proxy::to(server.port()).await;
    let (store, pool) = pooled::<S::DB>(&proxy.instead_of(&server.url()), 1).await;
    let (beside, _) = pooled::<S::DB>(&server.url(), 1).await;
    let (key, first) = (key(), record());
    store.insert(&key, &first).await.expect("stored");
    // The connection knows the statement: executing it is one message.
    let none = delta(&[]);
    let nothing = Update::new(&first, &none, Stamp::next());
    assert!(matches!(store.update(&key, &nothing).await, Ok(Updated::Done)));
    let Ok(Some(Loaded::Record { record: base, .. })) = beside.load(&key, None).await else { panic!("no session") };
    idle(&pool).await;
    let change = delta(&[("hits", b"2")]);
    let update = Update::new(&base, &change, Stamp::next());
    proxy.set(Fault::CutOnce(0));
    proxy.lead_to(NOWHERE);
    let (answer, ()) = tokio::join!(store.update(&key, &update), async {
        until("the answer is lost", async || (!proxy.is_armed()).then_some(())).await;
        for other in 0..4 {
            let Ok(Some(Loaded::Record { record, .. })) = beside.load(&key, None).await else { panic!("no session") };
            let change = delta(&[("other", &[other])]);
            let update = Update::new(&record, &change, Stamp::next());
            assert!(matches!(beside.update(&key, &update).await, Ok(Updated::Done)));
        }
        proxy.lead_to(server.port());
    });
    assert!(answer.as_ref().is_err_and(StoreError::is_unreachable), "{answer:?}");
    assert!(seen(&beside, &key).await.starts_with("2 until"), "it was made");
}
