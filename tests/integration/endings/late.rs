//! After the head of the response: tasks that hold a session longer than the request lasts.

use axum::http::StatusCode;
use session_runtime::{Session, SessionHandle};
use session_tests::{Answer, Fault, Gate, Logs, Scripted, Visitor, load};
use std::time::Duration;
use tokio::task::JoinHandle;

use super::{Counter, planted};

/// A request that is answered at once, and a task of its handler that is done after that.
struct Late {
    answer: Answer,
    gate: Gate,
    task: JoinHandle<()>,
}

impl Late {
    /// The handler's task loads a session before the answer, and does `act` after it.
    async fn after<F>(
        visitor: &mut Visitor,
        status: StatusCode,
        act: impl FnOnce(Session<Counter>) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let gate = Gate::default();
        let (inside, (sender, receiver)) = (gate.clone(), tokio::sync::oneshot::channel());
        let answer = visitor
            .act(async move |handle: SessionHandle| {
                let counter = load::<Counter>(&handle).await;
                let task = tokio::spawn(async move {
                    inside.pass().await;
                    act(counter).await;
                });
                sender.send(task).expect("a test that waits");
                status
            })
            .await;
        Self { answer, gate, task: receiver.await.expect("a task") }
    }

    async fn finish(self) -> Answer {
        self.gate.open();
        self.task.await.expect("no panic");
        self.answer
    }
}

/// A stored session of these fields, whose task does `act` after a response of 200.
async fn late<F>(
    fields: &[(&'static str, &[u8])],
    act: impl FnOnce(Session<Counter>) -> F + Send + 'static,
) -> (Scripted, String, Answer)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (store, id) = planted(fields).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    let answer = Late::after(&mut visitor, StatusCode::OK, act).await.finish().await;
    (store, id, answer)
}

#[tokio::test]
async fn a_session_that_is_dropped_late_with_changes_is_an_error_that_names_the_fields() {
    let logs = Logs::capture();
    let (store, id) = planted(&[("hits", b"3")]).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    let late = Late::after(&mut visitor, StatusCode::OK, async |mut counter| {
        counter.set_hits(4);
        counter.set_user(7_u32);
    })
    .await;
    assert_eq!(logs.text(), "");
    late.finish().await;
    assert!(logs.text().starts_with("ERROR"), "{}", logs.text());
    assert!(logs.text().contains("hits"), "{}", logs.text());
    assert!(logs.text().contains("user"), "{}", logs.text());
    assert_eq!(store.asked(), "load");
}

#[tokio::test]
async fn a_session_that_is_dropped_late_without_changes_is_no_error() {
    let logs = Logs::capture();
    late(&[("hits", b"3")], async |mut counter| {
        let _ = counter.hits_mut();
        counter.set_user(7_u32);
        counter.discard();
    })
    .await;
    assert_eq!(logs.text(), "");
}

#[tokio::test]
async fn a_late_save_writes_fields() {
    let logs = Logs::capture();
    let (store, _, answer) = late(&[("hits", b"3")], async |mut counter| {
        for _ in 0..2 {
            *counter.hits_mut() += 1;
            counter.save().await.expect("saved");
        }
    })
    .await;
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.asked(), "load; update hits=4; update hits=5");
    assert_eq!(logs.text(), "");
}

#[tokio::test]
async fn what_needs_a_cookie_is_head_sent_and_nothing_is_written() {
    type Act = fn(&mut Session<Counter>);
    let acts: [(&str, Act); 3] = [
        ("a new id", |counter| counter.regenerate_id()),
        ("a lifetime", |counter| {
            counter.set_lifetime(Duration::from_hours(1));
        }),
        ("the end of a lifetime", |counter| counter.reset_lifetime()),
    ];
    for (what, act) in acts {
        let logs = Logs::capture();
        let (store, id, _) = late(&[("hits", b"3")], async move |mut counter| {
            counter.set_hits(4);
            act(&mut counter);
            let error = counter.save().await.expect_err(what);
            assert!(error.is_head_sent(), "{what}: {error}");
        })
        .await;
        assert_eq!(store.asked(), "load", "{what}");
        assert_eq!(store.fields(&id).await, "hits=3", "{what}");
        assert!(logs.text().contains("hits"), "{what}: {}", logs.text());
    }
}

#[tokio::test]
async fn a_late_new_session_is_head_sent_and_nothing_is_written() {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    let late = Late::after(&mut visitor, StatusCode::OK, async |mut counter| {
        counter.set_hits(1);
        let error = counter.save().await.expect_err("no cookie can be sent");
        assert!(error.is_head_sent());
    });
    late.await.finish().await;
    assert_eq!(store.asked(), "");
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn what_a_head_sent_refused_may_be_discarded_and_the_fields_saved() {
    let logs = Logs::capture();
    let (store, _, _) = late(&[("hits", b"3")], async |mut counter| {
        counter.regenerate_id();
        counter.save().await.expect_err("no cookie can be sent");
        counter.discard();
        counter.set_hits(4);
        counter.save().await.expect("saved");
    })
    .await;
    assert_eq!(store.asked(), "load; update hits=4");
    assert_eq!(logs.text(), "");
}

#[tokio::test]
async fn a_late_sign_out_works() {
    let (store, _, _) = late(&[("user", b"7")], async |mut counter| {
        counter.destroy();
        counter.save().await.expect("signed out");
    })
    .await;
    assert_eq!(store.asked(), "load; remove");
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_late_sign_out_works_though_a_new_session_cannot_begin() {
    let (store, _, _) = late(&[("user", b"7")], async |mut counter| {
        counter.destroy();
        counter.set_hits(1);
        let error = counter.save().await.expect_err("no cookie can be sent");
        assert!(error.is_head_sent());
        counter.discard();
        counter.save().await.expect("signed out");
    })
    .await;
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_late_sign_out_that_is_never_saved_is_an_error() {
    let logs = Logs::capture();
    let (store, _, _) = late(&[("user", b"7")], async |mut counter| {
        counter.destroy();
    })
    .await;
    assert_eq!(store.len(), 1);
    assert!(logs.text().starts_with("ERROR"), "{:?}", logs.text());
}

#[tokio::test]
async fn a_late_save_to_a_session_that_ended_revives_nothing() {
    let logs = Logs::capture();
    let (store, id) = planted(&[("hits", b"3")]).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    let late = Late::after(&mut visitor, StatusCode::OK, async |mut counter| {
        counter.set_hits(4);
        counter.save().await.expect("dropped");
    })
    .await;
    store.end(&id).await;
    late.finish().await;
    assert_eq!(store.len(), 0);
    assert!(logs.text().contains("dropped"), "{}", logs.text());
}

/// What the handler of a failed response deposited is gone: a task's later save does not bring it back.
#[tokio::test]
async fn a_late_save_writes_nothing_of_what_a_failed_response_dropped() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let visitor = Visitor::of(&store).holding(&id);
    let (gate, done) = (Gate::default(), Gate::default());
    let (inside, inside_done) = (gate.clone(), done.clone());
    let answer = visitor
        .start(async move |handle: SessionHandle| {
            let mut late = load::<Counter>(&handle).await;
            load::<Counter>(&handle).await.set_user(7_u32);
            tokio::spawn(async move {
                inside.pass().await;
                *late.hits_mut() += 1;
                late.save().await.expect("saved");
                inside_done.pass().await;
            });
            StatusCode::INTERNAL_SERVER_ERROR
        })
        .await
        .expect("an answer");
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    gate.open();
    done.arrived().await;
    assert_eq!(store.asked(), "load; update hits=4");
    assert_eq!(store.fields(&id).await, "hits=4");
}

/// The same for a request that was cancelled.
#[tokio::test]
async fn a_late_save_writes_nothing_of_what_a_cancelled_request_dropped() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let visitor = Visitor::of(&store).holding(&id);
    let (gate, stuck, done) = (Gate::default(), Gate::default(), Gate::default());
    let (inside, inside_stuck, inside_done) = (gate.clone(), stuck.clone(), done.clone());
    let request = visitor.start(async move |handle: SessionHandle| {
        let mut late = load::<Counter>(&handle).await;
        load::<Counter>(&handle).await.set_user(7_u32);
        tokio::spawn(async move {
            inside.pass().await;
            *late.hits_mut() += 1;
            late.save().await.expect("saved");
            inside_done.pass().await;
        });
        inside_stuck.pass().await;
    });
    stuck.arrived().await;
    request.abort();
    assert!(request.await.expect_err("cancelled").is_cancelled());
    gate.open();
    done.arrived().await;
    assert_eq!(store.fields(&id).await, "hits=4");
}

#[tokio::test]
async fn a_response_waits_for_a_save_that_is_under_way_and_sends_its_cookie() {
    let store = Scripted::default();
    let at_insert = Gate::default();
    store.waits("insert", &at_insert);
    let mut visitor = Visitor::of(&store);
    let saving = at_insert.clone();
    let request = visitor.start(async move |handle: SessionHandle| {
        let mut counter = load::<Counter>(&handle).await;
        counter.set_hits(1);
        tokio::spawn(async move { counter.save().await.expect("saved") });
        saving.arrived().await;
    });
    tokio::task::yield_now().await;
    at_insert.open();
    let answer = request.await.expect("an answer");
    assert_eq!(answer.set_cookies().len(), 1);
    visitor.take(&answer);
    assert_eq!(store.fields(&visitor.held()).await, "hits=1");
}

#[tokio::test]
async fn a_commit_that_is_cancelled_happens_entirely_or_not_at_all() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let at_update = Gate::default();
    store.waits("update", &at_update);
    let visitor = Visitor::of(&store).holding(&id);
    let request = visitor.start(async |handle: SessionHandle| {
        let mut counter = load::<Counter>(&handle).await;
        counter.set_hits(4);
        counter.set_user(7_u32);
    });
    at_update.arrived().await;
    request.abort();
    assert!(request.await.expect_err("cancelled").is_cancelled());
    assert_eq!(store.fields(&id).await, "hits=3");
}

#[tokio::test]
async fn a_late_save_that_the_store_refuses_is_an_error() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let mut visitor = Visitor::of(&store).holding(&id);
    let late = Late::after(&mut visitor, StatusCode::OK, async |mut counter| {
        counter.set_hits(4);
        let error = counter.save().await.expect_err("the store is down");
        assert!(error.is_unavailable());
    })
    .await;
    store.breaks("update", Fault::Unreachable);
    late.finish().await;
    assert_eq!(store.fields(&id).await, "hits=3");
}
