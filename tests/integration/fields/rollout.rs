//! Sessions that another build wrote: unknown fields, changed types, several schemas.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use session_runtime::{MessagePack, Session, SessionHandle, SessionLayer};
use session_tests::{Client, Logs, Scripted, Visitor, load};

use super::planted;

/// The field as a number that always has a value.
#[derive(Session)]
struct Required {
    theme: u8,
    hits: u32,
}

/// The same field, optional.
#[derive(Session)]
struct Optional {
    theme: Option<u8>,
    hits: u32,
}

#[derive(Session)]
struct Strict {
    #[session(on_mismatch = "reject")]
    theme: u8,
    hits: u32,
}

#[derive(Session)]
#[session(namespace = "cart")]
struct Cart {
    items: Vec<u32>,
    hits: u32,
}

#[derive(Session)]
#[session(serializer = MessagePack)]
struct Packed {
    theme: u8,
    hits: u32,
}

#[tokio::test]
async fn fields_of_another_build_survive_an_update() {
    let (store, mut visitor, id) = planted(&[("hits", b"3"), ("later", b"{\"new\":true}")]).await;
    visitor.visit::<Required>(|session| session.set_theme(2)).await;
    assert_eq!(store.asked(), "load; update theme=2");
    assert_eq!(store.fields(&id).await, r#"hits=3 later={"new":true} theme=2"#);
}

#[tokio::test]
async fn a_session_that_holds_only_fields_of_another_build_lives_on() {
    let (store, mut visitor, id) = planted(&[("later", b"1"), ("theme", b"2")]).await;
    let answer = visitor.visit::<Optional>(|session| assert_eq!(session.take_theme(), Some(2))).await;
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.fields(&id).await, "later=1");
}

#[tokio::test]
async fn an_undecodable_field_reads_as_its_default_with_a_warning() {
    let logs = Logs::capture();
    let (store, mut visitor, id) = planted(&[("theme", br#""dark""#)]).await;
    visitor.visit::<Required>(|session| assert_eq!(session.theme(), 0)).await;
    assert_eq!(logs.text().lines().count(), 1, "{}", logs.text());
    assert!(logs.text().starts_with("WARN"), "{}", logs.text());
    assert!(logs.text().contains("theme"), "{}", logs.text());
    assert!(!logs.text().contains("dark"), "values are not for logs");
    assert_eq!(store.asked(), "load");
    assert_eq!(store.fields(&id).await, r#"theme="dark""#);
}

#[tokio::test]
async fn an_undecodable_field_that_is_lent_and_unchanged_keeps_its_bytes() {
    let (store, mut visitor, id) = planted(&[("theme", br#""dark""#)]).await;
    visitor
        .visit::<Required>(|session| {
            let _ = session.theme_mut();
        })
        .await;
    visitor.visit::<Optional>(|session| assert_eq!(session.take_theme(), None)).await;
    assert_eq!(store.asked(), "load; load");
    assert_eq!(store.fields(&id).await, r#"theme="dark""#);
}

#[tokio::test]
async fn an_undecodable_field_that_is_written_is_replaced() {
    let (store, mut visitor, id) = planted(&[("theme", br#""dark""#)]).await;
    visitor.visit::<Required>(|session| *session.theme_mut() += 1).await;
    assert_eq!(store.fields(&id).await, "theme=1");
    store.change(&id, &[("theme", br#""dark""#)]).await;
    visitor.visit::<Required>(|session| session.set_theme(0)).await;
    assert_eq!(store.fields(&id).await, "theme=0", "set is always written");
    store.change(&id, &[("theme", br#""dark""#), ("hits", b"1")]).await;
    visitor.visit::<Optional>(Session::<Optional>::clear_theme).await;
    assert_eq!(store.fields(&id).await, "hits=1");
}

#[tokio::test]
async fn a_field_that_rejects_fails_the_load_and_is_named() {
    let logs = Logs::capture();
    let (store, visitor, id) = planted(&[("theme", br#""dark""#)]).await;
    let failure = visitor
        .start(async |handle: SessionHandle| {
            let error = handle.load::<Strict>().await.expect_err("a mismatch");
            assert!(error.is_mismatch());
            assert_eq!(error.field(), Some("theme"));
            error.to_string()
        })
        .await
        .expect("an answer");
    assert!(failure.text().contains("`theme`"), "{}", failure.text());

    let app = Router::new()
        .route("/", get(|_: Session<Strict>| async { "unreachable" }))
        .layer(SessionLayer::new(store.clone()));
    let mut client = Client::new(app);
    client.set_cookie("__Host-id", &id);
    let answer = client.get("/").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.text().contains("theme"), "the cause is not shown");
    assert!(logs.text().contains("theme"), "the cause is traced");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(store.fields(&id).await, r#"theme="dark""#);
}

#[tokio::test]
async fn a_field_that_rejects_fails_the_reload_of_what_no_longer_decodes() {
    let (store, mut visitor, id) = planted(&[("theme", b"4")]).await;
    let elsewhere = (store.clone(), id.clone());
    visitor
        .act(async move |handle: SessionHandle| {
            let mut session = load::<Strict>(&handle).await;
            assert_eq!(session.theme(), 4);
            let (store, id) = elsewhere;
            store.change(&id, &[("theme", br#""dark""#)]).await;
            let error = session.reload().await.expect_err("a mismatch");
            assert!(error.is_mismatch(), "{error}");
            assert_eq!(error.field(), Some("theme"));
        })
        .await;
    assert_eq!(store.asked(), "load; load");
    assert_eq!(store.fields(&id).await, r#"theme="dark""#);
}

#[tokio::test]
async fn a_field_that_rejects_accepts_what_decodes_and_what_is_absent() {
    let (store, mut visitor, _) = planted(&[("theme", b"4")]).await;
    visitor.visit::<Strict>(|session| assert_eq!((session.theme(), session.hits()), (4, 0))).await;
    Visitor::of(&store).visit::<Strict>(|session| assert_eq!(session.theme(), 0)).await;
}

#[tokio::test]
async fn a_field_becomes_optional_and_required_again_in_a_rollout() {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    visitor.visit::<Required>(|session| session.set_theme(4)).await;
    visitor
        .visit::<Optional>(|session| {
            assert_eq!(session.theme(), Some(4));
            session.set_theme(5);
        })
        .await;
    assert_eq!(store.fields(&visitor.held()).await, "theme=5");
    visitor.visit::<Required>(|session| assert_eq!(session.theme(), 5)).await;
    visitor
        .visit::<Optional>(|session| {
            session.set_hits(1);
            session.clear_theme();
        })
        .await;
    visitor.visit::<Required>(|session| assert_eq!(session.theme(), 0)).await;
}

#[tokio::test]
async fn two_schemas_with_namespaces_share_one_session() {
    let store = Scripted::default();
    let mut visitor = Visitor::of(&store);
    visitor
        .act(async |handle: SessionHandle| {
            let mut session = load::<Required>(&handle).await;
            let mut cart = load::<Cart>(&handle).await;
            session.set_hits(1);
            cart.set_hits(2);
            cart.items_mut().push(7);
            assert_eq!(cart.changed_fields(), ["cart.items", "cart.hits"]);
        })
        .await;
    assert_eq!(store.asked(), "insert cart.hits=2 cart.items=[7] hits=1");
    visitor
        .act(async |handle: SessionHandle| {
            assert_eq!(load::<Required>(&handle).await.hits(), 1);
            assert_eq!(load::<Cart>(&handle).await.hits(), 2);
        })
        .await;
    assert_eq!(store.asked(), "load");
    let answer = visitor.visit::<Cart>(Session::<Cart>::clear).await;
    assert!(answer.set_cookies().is_empty(), "the other schema lives on");
    assert_eq!(store.fields(&visitor.held()).await, "hits=1");
}

#[tokio::test]
async fn a_change_of_serializer_writes_nothing_until_a_value_changes() {
    let (store, mut visitor, id) = planted(&[("theme", b"4"), ("hits", b"1")]).await;
    visitor
        .visit::<Packed>(|session| {
            let _ = session.theme_mut();
            assert_eq!(session.hits(), 1);
        })
        .await;
    assert_eq!(store.asked(), "load");
    visitor.visit::<Packed>(|session| *session.theme_mut() += 1).await;
    assert_eq!(store.fields(&id).await, "hits=1 theme=\u{2}\u{5}");
    visitor.visit::<Required>(|session| assert_eq!(session.theme(), 5)).await;
}
