//! How a session begins, is read and changed, and ends: T01 to T16.

use axum::Extension;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use session_runtime::{MemoryStore, Session, SessionError, SessionHandle, SessionId, SessionStore as _, session};

use session_tests::{Client, Notes, Site, Visits, routes};

#[tokio::test]
async fn t01_s36_a_visitor_without_data_gets_no_cookie_and_no_record() {
    let mut site = Site::new();
    let answer = site.get("/view").await;
    assert_eq!(answer.text(), "{}");
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "none");
    assert!(site.memory.is_empty());
}

#[tokio::test]
async fn t02_s11_s36_an_unknown_id_creates_nothing() {
    let mut site = Site::new();
    let planted = "A".repeat(SessionId::LEN);
    site.client.set_cookie("__Host-id", &planted);
    let answer = site.get("/view").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"));
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
    assert!(site.memory.is_empty());
    assert_eq!(site.get("/origin").await.text(), "UnknownId");
}

#[tokio::test]
async fn s11_t39_an_id_that_was_not_issued_here_is_never_adopted() {
    let mut site = Site::new();
    let planted = "A".repeat(SessionId::LEN);
    site.client.set_cookie("__Host-id", &planted);
    site.get("/update?some=data").await;
    assert_ne!(site.id(), planted);
    assert!(site.stored(&planted).await.is_none());
    assert_eq!(site.memory.len(), 1);
}

#[tokio::test]
async fn t03_the_first_change_sets_one_cookie() {
    let mut site = Site::new();
    let answer = site.get("/update?some=data").await;
    assert_eq!(answer.text(), r#"{"some":"data"}"#);
    let cookie = answer.set_cookie();
    assert_eq!(cookie.name, "__Host-id");
    assert_eq!(cookie.value.len(), SessionId::LEN);
    assert!(cookie.has("Path") && cookie.has("HttpOnly") && cookie.has("SameSite"));
    assert_eq!(site.calls(), "1 insert");
}

#[tokio::test]
async fn t04_the_next_request_reads_what_was_written() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data"}"#);
}

#[tokio::test]
async fn t05_a_session_that_is_stored_already_is_loaded() {
    let mut site = Site::new();
    site.plant(&[("key", br#""value""#)]).await;
    assert_eq!(site.get("/view").await.text(), r#"{"key":"value"}"#);
    assert_eq!(site.get("/origin").await.text(), "Loaded");
}

#[tokio::test]
async fn t06_a_second_field_joins_the_first_under_the_same_id() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    site.calls();
    let answer = site.get("/update?key=value").await;
    assert_eq!(answer.text(), r#"{"some":"data","key":"value"}"#);
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "1 load, 1 update");
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data","key":"value"}"#);
}

#[tokio::test]
async fn t06_a_value_that_is_as_it_was_is_not_written() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    site.calls();
    assert!(site.get("/update?some=data").await.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
}

#[tokio::test]
async fn t07_a_counter_counts() {
    let mut site = Site::new();
    for expected in ["1", "2", "3"] {
        assert_eq!(site.get("/count").await.text(), expected);
    }
    assert_eq!(site.calls(), "2 load, 1 insert, 2 update");
}

#[tokio::test]
async fn t08_two_clients_have_two_sessions() {
    let mut site = Site::new();
    let mut other = site.client.other();
    site.get("/update?some=mine").await;
    other.get("/update?some=theirs").await;
    assert_ne!(site.client.id(), other.id());
    assert_eq!(site.get("/view").await.text(), r#"{"some":"mine"}"#);
    assert_eq!(other.get("/view").await.text(), r#"{"some":"theirs"}"#);
}

#[tokio::test]
async fn t09_s19_clearing_ends_the_session_and_removes_the_cookie() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    let answer = site.get("/clear").await;
    assert_eq!(answer.text(), "{}");
    let cookie = answer.set_cookie();
    assert_eq!((cookie.name, cookie.value), ("__Host-id", ""));
    let expected =
        ["Expires=Thu, 01 Jan 1970 00:00:00 GMT", "HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax", "Secure"];
    assert_eq!(cookie.attributes, expected);
    assert_eq!(site.get("/view").await.text(), "{}");
}

#[tokio::test]
async fn t10_s19_what_ended_is_gone_from_the_store_and_its_cookie_is_worth_nothing() {
    for ending in ["/clear", "/destroy"] {
        let mut site = Site::new();
        site.get("/update?some=data").await;
        let id = site.id();
        site.get(ending).await;
        assert!(site.memory.is_empty(), "{ending}");
        site.client.set_cookie("__Host-id", &id);
        assert_eq!(site.get("/view").await.text(), "{}", "{ending}");
    }
}

#[tokio::test]
async fn t09_clearing_ends_only_what_no_other_schema_holds() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    site.get("/count").await;
    let answer = site.get("/clear").await;
    assert!(answer.sets_no_cookie());
    assert_eq!(site.get("/view").await.text(), "{}");
    assert_eq!(site.get("/count").await.text(), "2");
}

#[tokio::test]
async fn t11_clearing_where_there_is_no_session_sends_no_cookie() {
    for ending in ["/clear", "/destroy"] {
        let mut site = Site::new();
        assert!(site.get(ending).await.sets_no_cookie(), "{ending}");
        assert_eq!(site.calls(), "none", "{ending}");
        let unknown = "A".repeat(SessionId::LEN);
        site.client.set_cookie("__Host-id", &unknown);
        assert!(site.get(ending).await.sets_no_cookie(), "{ending}");
        assert_eq!(site.calls(), "1 load", "{ending}");
    }
}

#[tokio::test]
async fn t12_reading_is_one_load_and_nothing_else() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    site.calls();
    let answer = site.get("/view").await;
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
}

#[tokio::test]
async fn t13_a_request_that_never_asks_costs_no_call() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    site.calls();
    let answer = site.get("/plain").await;
    assert_eq!(answer.text(), "plain");
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "none");
}

#[tokio::test]
async fn t14_a_session_that_nobody_loaded_is_a_typed_error() {
    async fn unloaded(handle: SessionHandle) -> String {
        match handle.get::<Notes>() {
            Err(error) if error.is_not_loaded() => error.to_string(),
            other => format!("expected an error, got {other:?}"),
        }
    }
    let app = Router::new().route("/", get(unloaded));
    let mut site = Site::of(app, |layer| layer);
    let answer = site.get("/").await;
    assert!(answer.text().contains("not loaded"), "{}", answer.text());
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "none");
}

#[tokio::test]
async fn t14_a_route_without_a_layer_answers_500_and_not_an_empty_session() {
    let mut client = Client::new(routes());
    let answer = client.get("/view").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.sets_no_cookie());
}

#[tokio::test]
async fn t15_a_second_load_sees_what_was_changed_after_the_first() {
    async fn twice(handle: SessionHandle) -> String {
        let mut first = handle.load::<Notes>().await.expect("a session");
        first.set_some("data");
        drop(first);
        let second = handle.load::<Notes>().await.expect("a session");
        second.some().cloned().unwrap_or_default()
    }
    let app = routes().route("/twice", get(twice));
    let mut site = Site::of(app, |layer| layer);
    site.get("/count").await;
    site.calls();
    assert_eq!(site.get("/twice").await.text(), "data");
    assert_eq!(site.calls(), "1 load, 1 update");
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data"}"#);
}

#[test]
fn t16_reading_what_is_absent_gives_the_default_and_changes_nothing() -> Result<(), SessionError> {
    let handle = SessionHandle::detached();
    let mut notes = handle.get::<Notes>()?;
    assert_eq!(notes.some(), None);
    assert_eq!(notes.take_some(), None);
    notes.clear_key();
    assert!(!notes.is_modified());
    assert_eq!(handle.get::<Visits>()?.hits(), 0);
    Ok(())
}

#[test]
fn t16_what_is_set_is_read_updated_and_taken_once() -> Result<(), SessionError> {
    let handle = SessionHandle::detached();
    handle.get::<Notes>()?.set_some("data");
    let mut notes = handle.get::<Notes>()?;
    assert_eq!(notes.some().map(String::as_str), Some("data"));
    assert!(!notes.is_modified());
    notes.set_some("other");
    assert_eq!(notes.changed_fields(), ["some"]);
    drop(notes);
    let mut notes = handle.get::<Notes>()?;
    assert_eq!(notes.take_some().as_deref(), Some("other"));
    assert!(notes.is_modified());
    drop(notes);
    assert_eq!(handle.get::<Notes>()?.some(), None);
    Ok(())
}

#[test]
fn t16_a_default_for_what_is_present_changes_nothing() -> Result<(), SessionError> {
    let handle = SessionHandle::detached();
    handle.get::<Notes>()?.set_some("data");
    let mut notes = handle.get::<Notes>()?;
    notes.some_mut().get_or_insert_with(|| "default".to_owned());
    assert!(!notes.is_modified());
    notes.key_mut().get_or_insert_with(|| "default".to_owned());
    assert_eq!(notes.changed_fields(), ["key"]);
    Ok(())
}

#[tokio::test]
async fn t16_s36_lending_without_changing_makes_no_session() {
    #[session(autoload)]
    async fn lend(visits: &mut Session<Visits>, notes: &mut Session<Notes>) {
        *visits.hits_mut() += 0;
        notes.some_mut().take();
        notes.clear();
        notes.regenerate_id();
    }
    let app = Router::new().route("/", get(lend));
    let mut site = Site::of(app, |layer| layer);
    assert!(site.get("/").await.sets_no_cookie());
    assert_eq!(site.calls(), "none");
}

#[tokio::test]
async fn t16_a_flash_message_is_taken_once() {
    #[session(autoload)]
    async fn flash(notes: &mut Session<Notes>) -> String {
        notes.take_some().unwrap_or_default()
    }
    let app = routes().route("/flash", get(flash));
    let mut site = Site::of(app, |layer| layer);
    site.get("/update?some=hello&key=value").await;
    assert_eq!(site.get("/flash").await.text(), "hello");
    site.calls();
    assert_eq!(site.get("/flash").await.text(), "");
    assert_eq!(site.calls(), "1 load");
    assert_eq!(site.get("/view").await.text(), r#"{"key":"value"}"#);
}

#[tokio::test]
async fn s38_a_change_that_comes_after_the_end_is_dropped() {
    /// Another request signs out while this one runs.
    async fn slow(handle: SessionHandle, Extension(store): Extension<MemoryStore>) -> String {
        let mut notes = handle.load::<Notes>().await.expect("a session");
        let id = notes.id().expect("an id");
        store.remove(&id.store_key()).await.expect("an answer");
        notes.set_some("from the dead");
        "done".to_owned()
    }
    let mut site = Site::layered(|layer, memory| {
        let app = routes().route("/slow", get(slow));
        app.layer(layer).layer(Extension(memory))
    });
    site.get("/update?some=data").await;
    let answer = site.get("/slow").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "done"));
    assert!(answer.sets_no_cookie());
    assert!(site.memory.is_empty());
    assert_eq!(site.get("/view").await.text(), "{}");
}

#[tokio::test]
async fn s38_an_id_is_not_used_again_after_its_session_ended() {
    let mut site = Site::new();
    site.get("/update?some=data").await;
    let ended = site.id();
    site.get("/destroy").await;
    site.client.set_cookie("__Host-id", &ended);
    site.get("/update?some=data").await;
    assert_ne!(site.id(), ended);
    assert!(site.stored(&ended).await.is_none());
}

#[tokio::test]
async fn s13_t38_regenerating_the_id_keeps_the_data_and_kills_the_old_id() {
    #[session(autoload)]
    async fn sign_in(notes: &mut Session<Notes>) {
        notes.regenerate_id();
    }
    let app = routes().route("/sign-in", get(sign_in));
    let mut site = Site::of(app, |layer| layer);
    site.get("/update?some=data").await;
    let old = site.id();
    assert_eq!(site.get("/sign-in").await.set_cookie().value.len(), SessionId::LEN);
    assert_ne!(site.id(), old);
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data"}"#);
    site.client.set_cookie("__Host-id", &old);
    assert_eq!(site.get("/view").await.text(), "{}");
    assert!(site.stored(&old).await.is_none());
}
