//! Several typed sessions in one request: a guard's and a handler's.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use session_runtime::{Session, SessionHandle, SessionLayer, session};
use session_tests::{Client, Gate, Scripted, Visitor, load};

use super::{Account, Cart, planted};

/// Counts, and lets go of its session before the handler runs.
async fn count_before(mut account: Session<Account>, request: Request, next: Next) -> Response {
    *account.hits_mut() += 1;
    drop(account);
    next.run(request).await
}

/// Counts, and holds its session until the handler is done.
async fn count_around(mut account: Session<Account>, request: Request, next: Next) -> Response {
    account.set_hits(account.hits() + 1);
    next.run(request).await
}

#[session(autoload)]
async fn show(account: &Session<Account>) -> String {
    account.hits().to_string()
}

#[session(autoload)]
async fn sign_in(account: &mut Session<Account>) {
    account.set_user(7_u32);
}

#[session(autoload)]
async fn sign_out(account: &mut Session<Account>) {
    account.destroy();
}

fn app(store: &Scripted) -> Router {
    Router::new()
        .route("/before/show", get(show).layer(from_fn(count_before)))
        .route("/before/in", get(sign_in).layer(from_fn(count_before)))
        .route("/before/out", get(sign_out).layer(from_fn(count_before)))
        .route("/around/show", get(show).layer(from_fn(count_around)))
        .route("/around/in", get(sign_in).layer(from_fn(count_around)))
        .route("/around/out", get(sign_out).layer(from_fn(count_around)))
        .layer(SessionLayer::new(store.clone()))
}

fn client(store: &Scripted, id: &str) -> Client {
    let mut client = Client::new(app(store));
    client.set_cookie("__Host-id", id);
    client
}

#[tokio::test]
async fn t15_a_load_sees_what_was_deposited_before_it() {
    let (store, _, id) = planted(&[("hits", b"3")]).await;
    let mut client = client(&store, &id);
    assert_eq!(client.get("/before/show").await.text(), "4");
    assert_eq!(store.asked(), "load; update hits=4");
    assert_eq!(client.get("/around/show").await.text(), "4", "not yet");
    assert_eq!(store.asked(), "load; update hits=5");
}

#[tokio::test]
async fn a_guard_and_a_handler_commit_once_with_one_cookie() {
    let (store, _, _) = planted(&[]).await;
    for path in ["/before/in", "/around/in"] {
        let answer = Client::new(app(&store)).get(path).await;
        assert_eq!(answer.set_cookies().len(), 1, "{path}");
        assert_eq!(store.asked(), "insert hits=1 user=7", "{path}");
    }
}

#[tokio::test]
async fn a_sign_out_absorbs_what_a_guard_deposits_before_or_after_it() {
    for path in ["/before/out", "/around/out"] {
        let (store, _, id) = planted(&[("hits", b"3")]).await;
        let answer = client(&store, &id).get(path).await;
        assert_eq!(store.asked(), "load; remove", "{path}");
        assert!(answer.set_cookies()[0].contains("Max-Age=0"), "{path}");
        assert_eq!(store.len(), 0, "{path}");
    }
}

#[tokio::test]
async fn the_deposit_that_comes_last_wins_where_both_set_the_same_field() {
    let (store, mut visitor, _) = planted(&[("hits", b"3")]).await;
    visitor
        .act(async |handle: SessionHandle| {
            let mut first = load::<Account>(&handle).await;
            let mut second = load::<Account>(&handle).await;
            first.set_hits(10);
            first.set_user(1_u32);
            second.set_hits(20);
            drop(second);
            drop(first);
        })
        .await;
    assert_eq!(store.asked(), "load; update hits=10 user=1");
}

#[tokio::test]
async fn a_later_deposit_takes_back_what_an_earlier_one_set() {
    let store = Scripted::default();
    let answer = Visitor::of(&store)
        .act(async |handle: SessionHandle| {
            load::<Account>(&handle).await.set_flash("saved");
            let mut account = load::<Account>(&handle).await;
            assert_eq!(account.take_flash().as_deref(), Some("saved"));
        })
        .await;
    assert_eq!(store.asked(), "", "a new session without fields is none");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn two_schemas_in_one_request_are_one_load_and_one_update() {
    let (store, mut visitor, id) = planted(&[("hits", b"3")]).await;
    visitor
        .act(async |account: SessionHandle| {
            let cart = account.clone();
            let (mut account, mut cart) = tokio::join!(load::<Account>(&account), load::<Cart>(&cart));
            cart.items_mut().push(1);
            *account.hits_mut() += 1;
        })
        .await;
    assert_eq!(store.asked(), "load; update cart.items=[1] hits=4");
    assert_eq!(store.fields(&id).await, "cart.items=[1] hits=4");
}

#[tokio::test]
async fn two_who_ask_at_the_same_time_are_one_load() {
    let (store, visitor, _) = planted(&[("hits", b"3")]).await;
    let at_load = Gate::default();
    store.waits("load", &at_load);
    let request = visitor.start(async |handle: SessionHandle| {
        let (account, cart) = tokio::join!(load::<Account>(&handle), load::<Cart>(&handle));
        assert_eq!((account.hits(), cart.items().len()), (3, 0));
    });
    at_load.arrived().await;
    at_load.open();
    request.await.expect("an answer");
    assert_eq!(store.asked(), "load");
}

#[tokio::test]
async fn a_guard_may_save_what_its_handler_then_builds_on() {
    let (store, mut visitor, id) = planted(&[("hits", b"3")]).await;
    visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            *account.hits_mut() += 1;
            account.save().await.expect("saved");
            assert!(!account.is_modified());
            *load::<Account>(&handle).await.hits_mut() += 1;
        })
        .await;
    assert_eq!(store.asked(), "load; update hits=4; update hits=5");
    assert_eq!(store.fields(&id).await, "hits=5");
}

#[tokio::test]
async fn the_id_is_none_until_the_session_is_stored_and_then_the_cookies() {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    let answer = visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.set_hits(1);
            assert!(account.id().is_none());
            account.save().await.expect("saved");
            account.id().expect("an id").as_str().to_owned()
        })
        .await;
    assert_eq!(answer.text(), visitor.held());
}

/// What an outer middleware left among the extensions reaches the handler, the session beside it.
#[tokio::test]
async fn a_guard_refuses_before_the_handler_runs() {
    async fn guard(account: Session<Account>, request: Request, next: Next) -> Response {
        if account.user().is_none() {
            return Response::builder()
                .status(StatusCode::UNAUTHORIZED)
                .body("sign in first".into())
                .expect("a response");
        }
        drop(account);
        next.run(request).await
    }
    let (store, _, id) = planted(&[("user", b"7")]).await;
    let app = Router::new()
        .route("/", get(async |Extension(word): Extension<&'static str>| word))
        .layer(from_fn(guard))
        .layer(Extension("hello"))
        .layer(SessionLayer::new(store));
    let mut client = Client::new(app);
    assert_eq!(client.get("/").await.status, StatusCode::UNAUTHORIZED);
    client.set_cookie("__Host-id", &id);
    assert_eq!(client.get("/").await.text(), "hello");
}
