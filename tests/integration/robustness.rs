//! Bad cookies, bad records, bad stores: T44, T45 and T48.

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::routing::get;
use bytes::Bytes;
use proptest::prelude::{any, proptest};
use serde::{Deserialize, Serialize, Serializer};
use session_runtime::{Session, SessionId, SessionLayer, session};
use std::time::Duration;
use tokio::runtime::Builder;

use session_tests::{Client, Fault, Logs, Notes, Scripted, Site, routes};

#[tokio::test]
async fn t44_what_is_discarded_is_not_written() {
    #[session(autoload)]
    async fn waver(notes: &mut Session<Notes>) -> String {
        notes.set_some("changed");
        notes.key_mut().get_or_insert_default().push('!');
        notes.regenerate_id();
        notes.discard();
        format!("{:?} {}", notes.some(), notes.is_modified())
    }
    let app = routes().route("/waver", get(waver));
    let mut site = Site::of(app, |layer| layer);
    assert!(site.get("/waver").await.sets_no_cookie());
    assert_eq!(site.calls(), "none");
    site.get("/update?some=data").await;
    site.calls();
    let answer = site.get("/waver").await;
    assert_eq!(answer.text(), r#"Some("data") false"#);
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data"}"#);
}

/// A request to `path` whose cookie has exactly these bytes.
fn with_cookie(path: &str, value: &[u8]) -> Request<Body> {
    let header = [b"a=b; __Host-id=", value].concat();
    let header = HeaderValue::from_bytes(&header).expect("a header value");
    let request = Request::get(path).header(COOKIE, header);
    request.body(Body::empty()).expect("a request")
}

fn malformed() -> Vec<Vec<u8>> {
    let id = SessionId::generate().expect("random bytes");
    let text = id.as_str();
    let texts = [
        "",
        "\"\"",
        "someid",
        "a.b.c",
        "%0d%0aSet-Cookie:%20a=b",
        "../../etc/passwd",
        "' OR 1=1 --",
        "*1\\r\\nFLUSHALL",
        "session:{x}",
        &"A".repeat(10_000),
        &"A".repeat(SessionId::LEN - 1),
        &"A".repeat(SessionId::LEN + 1),
        &text.replacen(&text[..1], "%", 1),
        &text.replacen(&text[..1], "+", 1),
        &text.replacen(&text[..1], "=", 1),
        &format!("{text}="),
        &format!("{text} {text}"),
    ];
    let mut values: Vec<_> = texts.map(|text| text.as_bytes().to_vec()).into();
    values.push(vec![0xff; SessionId::LEN]);
    values.push("ä".repeat(SessionId::LEN / 2).into_bytes());
    values
}

#[tokio::test]
async fn t45_s12_a_malformed_cookie_is_a_fresh_session_and_no_call() {
    let site = Site::new();
    for value in malformed() {
        let shown = value.escape_ascii();
        let answer = site.client.send(with_cookie("/view", &value)).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"), "{shown}");
        assert!(answer.sets_no_cookie(), "{shown}");
        assert_eq!(site.calls(), "none", "{shown}");
    }
}

#[tokio::test]
async fn t45_the_origin_tells_a_malformed_cookie_from_none() {
    #[session(autoload)]
    async fn origin(report: &Session<Report>) -> String {
        format!("{:?}", report.origin())
    }
    let mut site = Site::of(Router::new().route("/", get(origin)), |layer| layer);
    assert_eq!(site.get("/").await.text(), "New");
    for value in malformed() {
        let answer = site.client.send(with_cookie("/", &value)).await;
        assert_eq!(answer.text(), "UnknownId", "{}", value.escape_ascii());
    }
}

#[tokio::test]
async fn t45_a_malformed_cookie_does_not_stop_a_session_from_being_made() {
    let site = Site::new();
    for value in malformed() {
        let shown = value.escape_ascii();
        let answer = site.client.send(with_cookie("/count", &value)).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "1"), "{shown}");
        let id = answer.set_cookie().value.as_bytes();
        assert!(SessionId::parse(id).is_some() && id != value, "{shown}");
        assert_eq!(site.calls(), "1 insert", "{shown}");
    }
}

proptest! {
    #[test]
    fn s12_no_cookie_header_whatsoever_is_an_error(header: Vec<u8>, named: bool, open in any::<[u8; 32]>()) {
        let bytes = if named { [b"__Host-id=", &header[..], b";__Host-id=", &open].concat() } else { header };
        if let Ok(header) = HeaderValue::from_bytes(&bytes) {
            let request = Request::get("/view").header(COOKIE, header);
            let request = request.body(Body::empty()).expect("a request");
            let runtime = Builder::new_current_thread().build().expect("a runtime");
            let site = Site::new();
            let answer = runtime.block_on(site.client.send(request));
            assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"));
        }
    }
}

/// A client of the test application over a store that fails when told to, with a session in it.
async fn over_a_faulty_store(configure: impl FnOnce(SessionLayer) -> SessionLayer) -> (Client, Scripted) {
    let store = Scripted::default();
    let app = routes().route("/entered", get(entered)).layer(configure(SessionLayer::new(store.clone())));
    let mut client = Client::new(app);
    client.get("/update?some=data").await;
    (client, store)
}

#[session(autoload)]
async fn entered(_notes: &Session<Notes>) -> &'static str {
    tracing::info!("the handler ran");
    "entered"
}

#[tokio::test]
async fn t48_s37_a_record_that_does_not_decode_is_a_new_session_and_a_warning() {
    let logs = Logs::capture();
    let (mut client, store) = over_a_faulty_store(|layer| layer).await;
    store.breaks("load", Fault::Corrupt);
    let answer = client.get("/view").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"));
    assert!(answer.sets_no_cookie());
    assert!(logs.text().starts_with("WARN"), "{}", logs.text());
    assert!(logs.text().contains(Fault::CAUSE), "{}", logs.text());
    assert_eq!(client.get("/origin").await.text(), "Undecodable");
    let corrupt = client.id().map(str::to_owned);
    client.get("/update?some=new").await;
    assert_ne!(client.id().map(str::to_owned), corrupt);
    store.recovers();
    assert_eq!(client.get("/view").await.text(), r#"{"some":"new"}"#);
}

#[tokio::test]
async fn t48_s37_a_field_that_does_not_decode_is_its_default_and_stays_until_it_is_written() {
    let logs = Logs::capture();
    let mut site = Site::new();
    let id = site.plant(&[("hits", b"{\"n\":1"), ("some", br#""data""#)]).await;
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data"}"#);
    assert_eq!(logs.text(), "");
    site.get("/update?key=value").await;
    let record = site.stored(&id).await.expect("a record");
    assert_eq!(record.get("hits"), Some(&b"{\"n\":1"[..]));
    assert_eq!(site.get("/count").await.text(), "1");
    assert!(logs.text().starts_with("WARN"), "{}", logs.text());
    assert!(logs.text().contains(r#"field="hits""#), "{}", logs.text());
    assert_eq!(site.get("/count").await.text(), "2");
}

#[tokio::test]
async fn t48_s37_an_optional_field_that_does_not_decode_stays_where_it_is_only_taken() {
    #[session(autoload)]
    async fn take(notes: &mut Session<Notes>) -> String {
        format!("{:?}", notes.take_some())
    }
    let app = routes().route("/take", get(take));
    let mut site = Site::of(app, |layer| layer);
    let id = site.plant(&[("some", b"[")]).await;
    assert_eq!(site.get("/take").await.text(), "None");
    assert_eq!(site.calls(), "1 load");
    let record = site.stored(&id).await.expect("a record");
    assert_eq!(record.get("some"), Some(&b"["[..]));
}

#[tokio::test]
async fn t48_a_store_that_cannot_be_asked_answers_503_and_runs_no_handler() {
    for fault in [Fault::Unreachable, Fault::Rejected] {
        let logs = Logs::capture();
        let (mut client, store) = over_a_faulty_store(|layer| layer).await;
        store.breaks("load", fault);
        let answer = client.get("/entered").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.sets_no_cookie());
        assert!(!answer.text().contains(Fault::CAUSE), "{}", answer.text());
        assert!(!logs.text().contains("the handler ran"), "{}", logs.text());
        store.recovers();
        assert_eq!(client.get("/view").await.text(), r#"{"some":"data"}"#);
    }
}

#[tokio::test]
async fn t48_a_failed_autoload_answers_503_and_runs_no_handler() {
    let logs = Logs::capture();
    let always = session_runtime::Autoload::always();
    let (mut client, store) = over_a_faulty_store(|layer| layer.autoload(always)).await;
    store.breaks("load", Fault::Unreachable);
    let answer = client.get("/plain").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(logs.text().starts_with("ERROR"), "{}", logs.text());
    assert!(logs.text().contains(Fault::CAUSE), "{}", logs.text());
}

#[tokio::test]
async fn t48_a_commit_that_fails_answers_503_sends_no_cookie_and_is_traced() {
    let logs = Logs::capture();
    let (mut client, store) = over_a_faulty_store(|layer| layer).await;
    store.breaks("insert", Fault::Unreachable);
    store.breaks("update", Fault::Rejected);
    for mut client in [client.other(), client.clone()] {
        let answer = client.get("/update?some=lost").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.sets_no_cookie());
        assert!(!answer.text().contains("lost"), "{}", answer.text());
        assert!(!answer.text().contains(Fault::CAUSE), "{}", answer.text());
    }
    assert_eq!(logs.text().matches("ERROR").count(), 2, "{}", logs.text());
    assert_eq!(logs.text().matches(Fault::CAUSE).count(), 2);
    assert_eq!(client.get("/view").await.text(), r#"{"some":"data"}"#);
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn t48_a_sign_out_that_fails_keeps_the_cookie_so_that_it_can_be_tried_again() {
    let (mut client, store) = over_a_faulty_store(|layer| layer).await;
    store.breaks("remove", Fault::Unreachable);
    let answer = client.get("/destroy").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.sets_no_cookie());
    store.recovers();
    client.get("/destroy").await;
    assert_eq!(store.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn t48_a_store_that_hangs_is_waited_for_as_long_as_configured() {
    let second = Duration::from_secs(1);
    let (mut client, store) = over_a_faulty_store(|layer| layer.store_timeout(second)).await;
    for (method, path) in [("load", "/view"), ("update", "/update?some=lost"), ("remove", "/destroy")] {
        store.breaks(method, Fault::Hangs);
        let asked = tokio::time::Instant::now();
        let answer = client.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{method}");
        assert!(answer.sets_no_cookie(), "{method}");
        let waited = asked.elapsed();
        assert!(waited >= second && waited < 2 * second, "{method}: {waited:?}");
        store.recovers();
    }
    assert_eq!(client.get("/view").await.text(), r#"{"some":"data"}"#);
}

#[tokio::test]
async fn t48_an_application_renders_the_failure_itself() {
    let page = |error: &session_runtime::SessionError| {
        let status = if error.is_unavailable() { 503 } else { 500 };
        let page = Response::builder().status(status).header(CONTENT_TYPE, "text/html");
        page.body(Bytes::from_static(b"<p>Back soon</p>")).expect("a response")
    };
    let (mut client, store) = over_a_faulty_store(|layer| layer.on_error(page)).await;
    for (method, path) in [("load", "/view"), ("update", "/update?some=lost")] {
        store.breaks(method, Fault::Unreachable);
        let answer = client.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{method}");
        assert_eq!(answer.text(), "<p>Back soon</p>", "{method}");
        assert_eq!(answer.lines(&CONTENT_TYPE), ["text/html"], "{method}");
        store.recovers();
    }
}

/// A value that serde gives up on.
#[derive(Deserialize, Default, Clone, Copy)]
struct Unserializable(bool);

impl Serialize for Unserializable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 {
            return Err(serde::ser::Error::custom("out of ink"));
        }
        serializer.serialize_bool(self.0)
    }
}

#[derive(Session)]
struct Report {
    title: String,
    body: Unserializable,
}

#[tokio::test]
async fn t48_a_value_that_does_not_encode_answers_500_and_stores_nothing() {
    #[session(autoload)]
    async fn publish(report: &mut Session<Report>) {
        report.set_title("untold");
        report.set_body(Unserializable(true));
    }
    let logs = Logs::capture();
    let app = Router::new().route("/", get(publish));
    let mut site = Site::of(app, |layer| layer);
    let answer = site.get("/").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "none");
    assert!(logs.text().contains(r#"field="body""#), "{}", logs.text());
    assert!(!logs.text().contains("out of ink"), "what a type says of itself may quote the value: {}", logs.text());
    assert!(!answer.text().contains("out of ink"), "{}", answer.text());
}
