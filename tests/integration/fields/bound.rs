//! What sealed values are bound to, where sessions begin, end and overlap in one request.

use axum::http::StatusCode;
use session_runtime::{Key, Schema, Session, SessionHandle, SessionLayer};
use tokio::sync::oneshot;

use session_tests::{Gate, Scripted, Visitor, load};

#[derive(Session)]
struct Account {
    hits: u32,
    #[session(sealed)]
    token: Option<String>,
    #[session(sealed)]
    other: Option<String>,
    #[session(sealed, merge = sum)]
    balance: i64,
}

/// The same number, no longer sealed.
#[derive(Session)]
struct Open {
    #[session(merge = sum)]
    balance: i64,
}

fn keyed(store: &Scripted) -> Visitor {
    let key = Key::from_bytes([1; 32]).expect("32 bytes");
    Visitor::through(SessionLayer::new(store.clone()).keys(key))
}

/// A session from before the layer had keys.
async fn older() -> (Scripted, Visitor) {
    let store = Scripted::default();
    let id = store.plant(&[("hits", b"1")]).await;
    let visitor = keyed(&store).holding(&id);
    (store, visitor)
}

async fn shown(visitor: &mut Visitor) -> String {
    let show = async |handle: SessionHandle| {
        let account = load::<Account>(&handle).await;
        format!("{:?} {:?} {}", account.token(), account.other(), account.balance())
    };
    visitor.act(show).await.text().to_owned()
}

#[tokio::test]
async fn a_view_from_before_the_end_and_one_from_after_it_read_what_either_sealed() {
    let store = Scripted::default();
    let mut visitor = keyed(&store);
    visitor.visit::<Account>(|account| account.set_token("first")).await;
    let answer = visitor
        .act(async |handle| {
            let mut older = load::<Account>(&handle).await;
            let mut emptying = load::<Account>(&handle).await;
            emptying.clear();
            emptying.save().await.expect("a save");
            drop(emptying);
            older.set_token("second");
            drop(older);
            let mut newer = load::<Account>(&handle).await;
            newer.set_other("third");
            format!("{:?}", newer.token())
        })
        .await;
    assert_eq!(answer.text(), r#"Some("second")"#);
    assert_eq!(shown(&mut visitor).await, r#"Some("second") Some("third") 0"#);
}

#[tokio::test]
async fn a_sign_in_over_a_session_that_was_found_ended_seals_what_two_views_set() {
    let store = Scripted::default();
    let mut visitor = keyed(&store);
    visitor.visit::<Account>(|account| account.set_token("first")).await;
    let (inner, id) = (store.clone(), visitor.held());
    visitor
        .act(async move |handle| {
            let mut older = load::<Account>(&handle).await;
            let mut counting = load::<Account>(&handle).await;
            inner.end(&id).await;
            *counting.hits_mut() += 1;
            counting.save().await.expect("a save");
            drop(counting);
            older.regenerate_id();
            older.set_token("second");
            drop(older);
            load::<Account>(&handle).await.set_other("third");
        })
        .await;
    assert_eq!(shown(&mut visitor).await, r#"Some("second") Some("third") 0"#);
}

#[tokio::test]
async fn a_session_that_begins_because_the_old_one_ended_has_a_binding() {
    let store = Scripted::default();
    let mut visitor = keyed(&store);
    visitor.visit::<Account>(|account| account.set_hits(1)).await;
    let id = visitor.held();
    let request = visitor.held_up::<Account>(|account| {
        account.regenerate_id();
        account.set_hits(2);
    });
    let request = request.await;
    store.end(&id).await;
    visitor.take(&request.goes_on().await);
    assert_ne!(visitor.held(), id);
    let record = store.record(&visitor.held()).await.expect("a record");
    assert_eq!(record.get("@b").map(<[u8]>::len), Some(16));
}

/// A record from before the layer had keys gets its binding with its first sealed value, and one more from whoever came at the same time.
#[tokio::test]
async fn t42_first_values_that_requests_seal_at_once_are_all_read() {
    let (store, mut visitor) = older().await;
    let requests = [
        visitor.held_up::<Account>(|account| account.set_token("first")).await,
        visitor.held_up::<Account>(|account| account.set_other("second")).await,
        visitor.held_up::<Account>(|account| *account.balance_mut() += 7).await,
    ];
    visitor.visit::<Account>(|account| *account.balance_mut() += 30).await;
    for request in requests {
        assert_eq!(request.goes_on().await.status, StatusCode::OK);
    }
    assert_eq!(shown(&mut visitor).await, r#"Some("first") Some("second") 37"#);
    let record = store.record(&visitor.held()).await.expect("a record");
    assert_eq!(record.get("@b").map(<[u8]>::len), Some(4 * 16));
}

#[tokio::test]
async fn a_save_of_a_first_sealed_value_that_others_came_before_succeeds() {
    let (_, mut visitor) = older().await;
    let gate = Gate::default();
    let passing = gate.clone();
    let first = visitor.start(async move |handle| {
        let mut account = load::<Account>(&handle).await;
        passing.pass().await;
        account.set_token("first");
        account.save().await.expect("a save");
    });
    gate.arrived().await;
    visitor.visit::<Account>(|account| account.set_other("second")).await;
    gate.open();
    assert_eq!(first.await.expect("an answer").status, 200);
    assert_eq!(shown(&mut visitor).await, r#"Some("first") Some("second") 0"#);
}

#[tokio::test]
async fn t42_two_views_of_one_request_add_to_a_sealed_number() {
    let (_, mut visitor) = older().await;
    visitor
        .act(async |handle| {
            let mut first = load::<Account>(&handle).await;
            let mut second = load::<Account>(&handle).await;
            *first.balance_mut() += 5;
            *second.balance_mut() += 7;
            second.save().await.expect("a save");
            drop(first);
            let mut third = load::<Account>(&handle).await;
            *third.balance_mut() += 1;
            third.set_token("t");
        })
        .await;
    assert_eq!(shown(&mut visitor).await, r#"Some("t") None 13"#);
}

/// Two requests add to a number at once.
async fn adds_up<T: Schema>(visitor: &mut Visitor, balance: fn(&mut Session<T>) -> &mut i64) {
    let first = visitor.held_up::<T>(move |session| *balance(session) += 5).await;
    visitor.visit::<T>(move |session| *balance(session) += 30).await;
    first.goes_on().await;
    visitor.visit::<T>(move |session| assert_eq!(*balance(session), 135)).await;
}

#[tokio::test]
async fn t42_what_two_requests_add_to_a_sealed_number_adds_up() {
    let mut visitor = keyed(&Scripted::default());
    visitor.visit::<Account>(|account| account.set_balance(100)).await;
    adds_up::<Account>(&mut visitor, |account| account.balance_mut()).await;
}

#[tokio::test]
async fn t42_a_number_that_is_no_longer_sealed_adds_up() {
    let mut visitor = keyed(&Scripted::default());
    visitor.visit::<Account>(|account| account.set_balance(100)).await;
    adds_up::<Open>(&mut visitor, |open| open.balance_mut()).await;
}

#[tokio::test]
async fn an_older_view_seals_for_the_session_that_began_in_its_request() {
    let store = Scripted::default();
    let mut visitor = keyed(&store);
    visitor.visit::<Account>(|account| account.set_token("first")).await;
    visitor
        .act(async |handle| {
            let mut older = load::<Account>(&handle).await;
            let mut beginning = load::<Account>(&handle).await;
            beginning.clear();
            beginning.save().await.expect("a save");
            beginning.set_token("second");
            beginning.save().await.expect("a save");
            drop(beginning);
            older.set_other("third");
        })
        .await;
    assert_eq!(shown(&mut visitor).await, r#"Some("second") Some("third") 0"#);
}

#[tokio::test]
async fn a_view_that_saw_what_was_never_stored_seals_for_what_is() {
    let (_, mut visitor) = older().await;
    let gate = Gate::default();
    let (inside, (sender, receiver)) = (gate.clone(), oneshot::channel());
    visitor
        .act(async move |handle: SessionHandle| {
            load::<Account>(&handle).await.set_token("first");
            let mut second = load::<Account>(&handle).await;
            let task = tokio::spawn(async move {
                inside.pass().await;
                second.set_other("second");
                second.save().await
            });
            sender.send(task).expect("a test that waits");
            StatusCode::INTERNAL_SERVER_ERROR
        })
        .await;
    gate.open();
    receiver.await.expect("a task").await.expect("no panic").expect("a save");
    assert_eq!(shown(&mut visitor).await, r#"None Some("second") 0"#);
}

#[tokio::test]
async fn t42_two_views_of_two_bindings_add_to_a_sealed_number_and_no_list_grows() {
    let store = Scripted::default();
    let mut visitor = keyed(&store);
    visitor.visit::<Account>(|account| account.set_token("first")).await;
    for _ in 0..10 {
        visitor
            .act(async |handle| {
                let mut older = load::<Account>(&handle).await;
                let mut emptying = load::<Account>(&handle).await;
                emptying.clear();
                emptying.save().await.expect("a save");
                let mut newer = load::<Account>(&handle).await;
                let before = older.balance();
                *older.balance_mut() += 5;
                *newer.balance_mut() += 7 + before;
                drop(older);
                drop(newer);
            })
            .await;
        let record = store.record(&visitor.held()).await.expect("a record");
        assert!(record.get("@b").is_some_and(|bindings| bindings.len() <= 2 * 16));
    }
    assert_eq!(shown(&mut visitor).await, "None None 120");
}

#[tokio::test]
async fn a_sealed_sum_whose_key_is_gone_counts_from_nothing() {
    let store = Scripted::default();
    let mut before = keyed(&store);
    before.visit::<Account>(|account| account.set_balance(100)).await;
    let other = Key::from_bytes([2; 32]).expect("32 bytes");
    let layer = SessionLayer::new(store.clone()).keys(other);
    let mut visitor = Visitor::through(layer).holding(&before.held());
    let both = async |handle: SessionHandle| {
        let mut guard = load::<Account>(&handle).await;
        let mut inner = load::<Account>(&handle).await;
        *inner.balance_mut() += 1;
        drop(inner);
        *guard.balance_mut() += 1;
    };
    assert_eq!(visitor.act(both).await.status, StatusCode::OK);
    assert_eq!(visitor.act(both).await.status, StatusCode::OK);
    assert_eq!(shown(&mut visitor).await, "None None 4");
}
