//! After the head of the response there is no cookie to write to.

use session_runtime::{CookieStore, Session, SessionError, SessionHandle};
use session_tests::{Gate, Logs, Notes, Visitor, load};
use std::fmt::Debug;
use tokio::sync::oneshot;

use super::{key, visitor};

/// A task of a handler that does this to its session once the response is there; what came of it.
async fn late<F>(visitor: &mut Visitor, act: impl FnOnce(Session<Notes>) -> F + Send + 'static) -> F::Output
where
    F: Future<Output: Debug + Send> + Send + 'static,
{
    let gate = Gate::default();
    let (inside, (sender, receiver)) = (gate.clone(), oneshot::channel());
    visitor
        .act(async move |handle: SessionHandle| {
            let notes = load::<Notes>(&handle).await;
            let task = tokio::spawn(async move {
                inside.pass().await;
                act(notes).await
            });
            sender.send(task).expect("a test that waits");
        })
        .await;
    gate.open();
    receiver.await.expect("a task").await.expect("no panic")
}

fn assert_head_sent(saved: Result<(), SessionError>) {
    let error = saved.expect_err("too late");
    assert!(error.is_head_sent(), "{error}");
    assert_eq!(
        error.to_string(),
        "a session that is kept in its cookie needs a cookie, but the head of the response was already sent"
    );
}

#[tokio::test]
async fn a_late_save_is_head_sent_whatever_is_to_be_saved() {
    let (mut new, _) = visitor(CookieStore::new(key()), |layer| layer);
    let set = async |mut notes: Session<Notes>| {
        notes.set_some("late");
        let saved = notes.save().await;
        notes.discard();
        saved
    };
    assert_head_sent(late(&mut new, set).await);
    assert_eq!(new.id(), None);
    let mut stored = new.clone();
    stored.get("/update?some=data").await;
    let held = stored.held();
    assert_head_sent(late(&mut stored, set).await);
    let renew = async |mut notes: Session<Notes>| {
        notes.regenerate_id();
        let saved = notes.save().await;
        notes.discard();
        saved
    };
    assert_head_sent(late(&mut stored, renew).await);
    assert_eq!(stored.held(), held);
    assert_eq!(stored.get("/view").await.text(), r#"{"some":"data"}"#);
}

#[tokio::test]
async fn a_late_sign_out_is_head_sent_too() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/update?some=data").await;
    let destroy = async |mut notes: Session<Notes>| {
        notes.destroy();
        notes.save().await
    };
    assert_head_sent(late(&mut visitor, destroy).await);
    assert_eq!(visitor.get("/view").await.text(), r#"{"some":"data"}"#);
}

#[tokio::test]
async fn what_is_late_and_not_saved_is_an_error_in_the_log() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/update?some=data").await;
    let logs = Logs::capture();
    late(&mut visitor, async |mut notes| notes.set_some("late")).await;
    assert!(logs.text().starts_with("ERROR") && logs.text().contains("some"), "{}", logs.text());
    assert!(!logs.text().contains("late\""), "{}", logs.text());
}

#[tokio::test]
async fn a_late_save_of_nothing_is_no_error() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/update?some=data").await;
    let logs = Logs::capture();
    late(&mut visitor, async |mut notes| notes.save().await).await.expect("nothing to do");
    assert_eq!(logs.text(), "");
}
