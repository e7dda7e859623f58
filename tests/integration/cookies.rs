//! What the cookie looks like, and where it is taken from: T17 to T29.

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, SET_COOKIE};
use axum::http::{HeaderName, Request};
use axum::response::AppendHeaders;
use axum::routing::get;
use session_runtime::{Expiry, MemoryStore, SameSite, Session, SessionCookie, SessionId, SessionLayer, session};
use std::time::Duration;

use session_tests::{Notes, Site, routes};

/// The site with this cookie, and the attributes that the cookie is set with.
async fn attributes(cookie: SessionCookie) -> Vec<String> {
    let mut site = Site::with(|layer| layer.cookie(cookie));
    let answer = site.get("/update?some=data").await;
    let attributes = answer.set_cookie().attributes;
    attributes.into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn t17_s02_s05_s06_s07_s08_s09_the_defaults_are_the_safe_ones() {
    let mut site = Site::new();
    let answer = site.get("/update?some=data").await;
    let cookie = answer.set_cookie();
    assert_eq!(cookie.name, "__Host-id");
    assert_eq!(cookie.attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
}

#[tokio::test]
async fn t19_s07_same_site_is_always_written_out() {
    for (same_site, expected) in
        [(SameSite::Strict, "SameSite=Strict"), (SameSite::Lax, "SameSite=Lax"), (SameSite::None, "SameSite=None")]
    {
        let attributes = attributes(SessionCookie::default().same_site(same_site)).await;
        assert!(attributes.contains(&expected.to_owned()), "{attributes:?}");
        assert!(attributes.contains(&"Secure".to_owned()), "{attributes:?}");
    }
}

#[tokio::test]
async fn t20_s08_the_path_is_as_narrow_as_configured() {
    let attributes = attributes(SessionCookie::new("id").path("/admin")).await;
    assert!(attributes.contains(&"Path=/admin".to_owned()), "{attributes:?}");
}

#[tokio::test]
async fn t21_the_domain_is_on_the_cookie_and_on_its_removal() {
    let cookie = SessionCookie::new("id").domain("example.org").path("/").partitioned(true);
    let mut site = Site::with(|layer| layer.cookie(cookie));
    let set = site.get("/update?some=data").await;
    let removed = site.get("/clear").await;
    let mut expected = set.set_cookie().attributes;
    assert!(expected.contains(&"Domain=example.org"), "{expected:?}");
    expected.extend(["Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Max-Age=0"]);
    expected.sort_unstable();
    assert_eq!(removed.set_cookie().attributes, expected);
    assert_eq!(removed.set_cookie().value, "");
}

#[tokio::test]
async fn t22_what_scripts_may_read_is_not_http_only() {
    let attributes = attributes(SessionCookie::default().http_only(false)).await;
    assert_eq!(attributes, ["Path=/", "SameSite=Lax", "Secure"]);
}

#[tokio::test]
async fn t23_s09_a_browser_session_has_neither_max_age_nor_expires() {
    let hour = Expiry::lifetime(Duration::from_hours(1)).browser_session();
    let mut site = Site::with(|layer| layer.expiry(hour));
    let answer = site.get("/update?some=data").await;
    assert!(!answer.set_cookie().has("Max-Age") && !answer.set_cookie().has("Expires"));
}

#[tokio::test]
async fn t24_a_lifetime_is_the_cookies_max_age() {
    let hour = Expiry::lifetime(Duration::from_hours(1));
    let mut site = Site::with(|layer| layer.expiry(hour));
    let answer = site.get("/update?some=data").await;
    assert_eq!(answer.set_cookie().max_age(), Some(3600));
}

#[tokio::test]
async fn t25_an_end_outside_of_the_cookies_path_is_an_end() {
    let mut site = Site::with(|layer| layer.cookie(SessionCookie::new("id").path("/update")));
    site.get("/update?some=data").await;
    let id = site.client.cookie("id").expect("a cookie").to_owned();
    let mut stranger = site.client.other();
    assert!(stranger.get("/clear").await.sets_no_cookie());
    assert_eq!(site.memory.len(), 1);
    stranger.set_cookie("id", &id);
    let answer = stranger.get("/clear").await;
    assert!(answer.set_cookie().attributes.contains(&"Path=/update"));
    assert!(site.memory.is_empty());
}

#[tokio::test]
async fn t26_the_handlers_own_cookies_come_first_and_in_their_order() {
    #[session(autoload)]
    async fn baker(notes: &mut Session<Notes>) -> (AppendHeaders<[(HeaderName, &'static str); 2]>, &'static str) {
        notes.set_some("data");
        let cookies = [(SET_COOKIE, "b=1"), (SET_COOKIE, "a=2; Path=/x")];
        (AppendHeaders(cookies), "baked")
    }
    let app = Router::new().route("/", get(baker));
    let mut site = Site::of(app, |layer| layer);
    let answer = site.get("/").await;
    let cookies = answer.set_cookies();
    assert_eq!(cookies[..2], ["b=1", "a=2; Path=/x"]);
    assert!(cookies[2].starts_with("__Host-id=") && cookies.len() == 3);
}

#[tokio::test]
async fn t27_below_a_prefix_the_path_is_the_configured_one() {
    let cookie = SessionCookie::new("__Secure-shop").path("/shop");
    let mut site = Site::layered(|layer, _| Router::new().nest("/shop", routes().layer(layer.cookie(cookie))));
    let answer = site.get("/shop/update?some=data").await;
    assert!(answer.set_cookie().attributes.contains(&"Path=/shop"));
    assert_eq!(site.get("/shop/view").await.text(), r#"{"some":"data"}"#);
}

#[tokio::test]
async fn t28_an_ordinary_name_is_as_good_as_the_default() {
    let cookie = SessionCookie::new("my-session_v2").secure(false);
    let mut site = Site::with(|layer| layer.cookie(cookie));
    let answer = site.get("/update?some=data").await;
    assert_eq!(answer.set_cookie().name, "my-session_v2");
    assert!(!answer.set_cookie().has("Secure"));
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data"}"#);
}

#[tokio::test]
async fn t29_partitioned_is_off_until_asked_for() {
    let default = attributes(SessionCookie::default()).await;
    assert!(!default.contains(&"Partitioned".to_owned()));
    let partitioned = attributes(SessionCookie::default().partitioned(true)).await;
    assert!(partitioned.contains(&"Partitioned".to_owned()));
    assert!(partitioned.contains(&"Secure".to_owned()));
}

fn start(cookie: SessionCookie) {
    let _ = SessionLayer::new(MemoryStore::new()).cookie(cookie);
}

#[test]
#[should_panic(expected = "`SameSite=None` needs `Secure`")]
fn t19_s07_same_site_none_without_secure_does_not_start() {
    start(SessionCookie::new("id").same_site(SameSite::None).secure(false));
}

#[test]
#[should_panic(expected = "its name holds more than letters, digits")]
fn t28_a_name_with_a_space_does_not_start() {
    start(SessionCookie::new("my session"));
}

#[test]
#[should_panic(expected = "its name holds more than letters, digits")]
fn t28_a_name_with_a_semicolon_does_not_start() {
    start(SessionCookie::new("id; Domain=example.org"));
}

#[test]
#[should_panic(expected = "its name holds more than letters, digits")]
fn t28_a_name_with_a_line_break_does_not_start() {
    start(SessionCookie::new("id\r\nSet-Cookie: a=b"));
}

#[test]
#[should_panic(expected = "its path")]
fn t28_a_path_with_a_line_break_does_not_start() {
    start(SessionCookie::new("id").path("/\r\nSet-Cookie: a=b"));
}

#[test]
#[should_panic(expected = "`Partitioned` needs `Secure`")]
fn t29_partitioned_without_secure_does_not_start() {
    start(SessionCookie::new("id").partitioned(true).secure(false));
}

#[test]
#[should_panic(expected = "needs `Secure`, the path `/`, and no domain")]
fn s03_a_host_prefix_with_a_domain_does_not_start() {
    start(SessionCookie::new("__Host-id").domain("example.org"));
}

#[test]
#[should_panic(expected = "needs `Secure`, the path `/`, and no domain")]
fn s03_a_host_prefix_with_a_path_does_not_start() {
    start(SessionCookie::new("__host-id").path("/admin"));
}

#[test]
#[should_panic(expected = "needs `Secure`, the path `/`, and no domain")]
fn s03_a_host_prefix_without_secure_does_not_start() {
    start(SessionCookie::new("__HOST-id").secure(false));
}

#[test]
#[should_panic(expected = "`__Secure-` needs `Secure`")]
fn s03_a_secure_prefix_without_secure_does_not_start() {
    start(SessionCookie::new("__sEcUrE-id").secure(false));
}

#[tokio::test]
async fn s10_an_id_anywhere_but_in_the_cookie_is_not_looked_at() {
    let mut site = Site::new();
    let id = site.plant(&[("some", br#""data""#)]).await;
    let pair = format!("__Host-id={id}");
    let request = Request::post(format!("/update?{pair}&id={id}&session={id}"))
        .header("x-session-id", &id)
        .header("__host-id", &id)
        .header("set-cookie", &pair)
        .header(AUTHORIZATION, format!("Bearer {id}"))
        .header(COOKIE, format!("id={id}; __host-id={id}; x__Host-id={id}; __Host-id2={id}"))
        .body(Body::from(pair))
        .expect("a request");
    let answer = site.client.send(request).await;
    assert_eq!(answer.text(), "{}");
    assert_eq!(site.calls(), "none");
}

#[tokio::test]
async fn s24_the_cookie_is_secure_whatever_the_request_says_of_itself() {
    let site = Site::new();
    let request = Request::get("/update?some=data")
        .header(HOST, "example.org:80")
        .header("x-forwarded-proto", "http")
        .header("forwarded", "proto=http")
        .body(Body::empty())
        .expect("a request");
    let answer = site.client.send(request).await;
    assert!(answer.set_cookie().has("Secure"));
}

/// What `/view` says to a request with these `Cookie` headers.
async fn seen(site: &Site, headers: &[String]) -> String {
    let request = Request::get("/view");
    let request = headers.iter().fold(request, |request, header| request.header(COOKIE, header));
    let request = request.body(Body::empty()).expect("a request");
    site.client.send(request).await.text().to_owned()
}

#[tokio::test]
async fn s39_of_several_cookies_the_first_that_names_a_session_counts() {
    let mut site = Site::new();
    let first = site.plant(&[("some", br#""first""#)]).await;
    let second = site.plant(&[("some", br#""second""#)]).await;
    let unknown = "A".repeat(SessionId::LEN);
    let one = |ids: &[&str]| {
        let pairs: Vec<_> = ids.iter().map(|id| format!("__Host-id={id}")).collect();
        [pairs.join("; ")]
    };
    for _ in 0..3 {
        assert_eq!(seen(&site, &one(&[&first, &second])).await, r#"{"some":"first"}"#);
        assert_eq!(seen(&site, &one(&[&second, &first])).await, r#"{"some":"second"}"#);
    }
    site.calls();
    let shadowed = one(&["", "malformed", &unknown, &first]);
    assert_eq!(seen(&site, &shadowed).await, r#"{"some":"first"}"#);
    assert_eq!(site.calls(), "2 load");
}

#[tokio::test]
async fn s39_every_cookie_header_is_read_and_four_candidates_are_tried() {
    let mut site = Site::new();
    let id = site.plant(&[("some", br#""data""#)]).await;
    let unknown = format!("a=b; __Host-id={}; c=d", "A".repeat(SessionId::LEN));
    let known = format!("__Host-id={id}");
    let mut headers = vec![unknown; 3];
    headers.push(known);
    assert_eq!(seen(&site, &headers).await, r#"{"some":"data"}"#);
    assert_eq!(site.calls(), "4 load");
    headers.insert(0, headers[0].clone());
    assert_eq!(seen(&site, &headers).await, "{}");
    assert_eq!(site.calls(), "4 load");
}
