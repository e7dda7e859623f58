//! The application without a network or a browser, at times that a clock is set to.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use session_runtime::{Clock, MemoryStore};
use tower::ServiceExt as _;

use super::*;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

fn at(clock: &Clock) -> Router {
    app(sessions(MemoryStore::new()).clock(clock.clone()))
}

/// A browser as far as it matters here: it keeps a cookie, and knows the page that it shows.
struct Browser {
    app: Router,
    agent: &'static str,
    cookie: Option<String>,
    status: StatusCode,
    page: String,
}

impl Browser {
    fn new(app: &Router, agent: &'static str) -> Self {
        Self { app: app.clone(), agent, cookie: None, status: StatusCode::OK, page: String::new() }
    }

    async fn signed_in(app: &Router, agent: &'static str, name: &str) -> Self {
        let mut browser = Self::new(app, agent);
        browser.get("/sign-in").await;
        browser.send("/sign-in", &format!("name={name}&password=open+sesame")).await;
        assert!(browser.page.contains("Where you are signed in"), "{}", browser.page);
        browser
    }

    async fn get(&mut self, path: &str) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.follow(request).await;
    }

    /// Sends a form with the token of the page that is shown.
    async fn send(&mut self, path: &str, fields: &str) {
        let token = self.value("token");
        self.post(path, &format!("token={token}&{fields}")).await;
    }

    async fn post(&mut self, path: &str, form: &str) {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.follow(request.body(form.to_owned().into()).expect("a request")).await;
    }

    /// The value of the first hidden field of this name.
    fn value(&self, field: &str) -> String {
        let mark = format!(r#"name="{field}" value=""#);
        let (_, rest) = self.page.split_once(&mark).unwrap_or_else(|| panic!("no {field} in {}", self.page));
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    async fn follow(&mut self, request: Request<Body>) {
        let mut response = self.ask(request).await;
        while let Some(location) = response.headers().get(header::LOCATION) {
            let path = location.to_str().expect("a path").to_owned();
            response = self.ask(Request::get(path).body(Body::empty()).expect("a request")).await;
        }
        self.status = response.status();
        let page = response.into_body().collect().await.expect("a body").to_bytes();
        self.page = String::from_utf8(page.to_vec()).expect("text");
    }

    async fn ask(&mut self, mut request: Request<Body>) -> Response<Body> {
        let headers = request.headers_mut();
        headers.insert(header::USER_AGENT, self.agent.parse().expect("a value"));
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.parse().expect("a value"));
        }
        let Ok(response) = self.app.clone().oneshot(request).await;
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("text").split(';').next().expect("a pair");
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
        response
    }
}

#[tokio::test]
async fn a_list_shows_each_session_and_marks_this_one() {
    let app = at(&Clock::manual());
    let _phone = Browser::signed_in(&app, "curl/8.14.1", "Ada").await;
    let _stranger = Browser::signed_in(&app, "wget/1.25", "Grace").await;
    let browser = Browser::signed_in(&app, FIREFOX, "Ada").await;

    assert!(browser.page.contains("Firefox on Linux <span class=\"badge\">This device</span>"), "{}", browser.page);
    assert!(browser.page.contains("<h2>curl</h2>"), "{}", browser.page);
    assert!(!browser.page.contains("wget"), "{}", browser.page);
}

#[tokio::test]
async fn what_strangers_chose_is_text() {
    let app = at(&Clock::manual());
    let _other = Browser::signed_in(&app, "<script>\"'&x", "%3Cb%3E").await;
    let mut browser = Browser::signed_in(&app, FIREFOX, "%3Cb%3E").await;
    assert!(browser.page.contains("You are <strong>&lt;b&gt;</strong>"), "{}", browser.page);
    assert!(browser.page.contains("<h2>&lt;script&gt;&quot;&#39;&amp;x</h2>"), "{}", browser.page);

    browser.send("/sign-out", "").await;
    browser.send("/sign-in", "name=%22%3E%3Cscript%3E&password=wrong").await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.page.contains(r#"value="&quot;&gt;&lt;script&gt;""#), "{}", browser.page);
}

#[tokio::test]
async fn a_name_that_is_none_signs_nobody_in() {
    let app = at(&Clock::manual());
    let mut browser = Browser::new(&app, FIREFOX);
    for name in [String::new(), "+++".to_owned(), "a%00b".to_owned(), "a".repeat(65)] {
        browser.get("/sign-in").await;
        browser.send("/sign-in", &format!("name={name}&password=open+sesame")).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
}

#[tokio::test]
async fn s29_no_form_is_taken_without_the_token_of_its_session() {
    let app = at(&Clock::manual());
    let other = Browser::signed_in(&app, FIREFOX, "Ada").await;
    let mut browser = Browser::signed_in(&app, FIREFOX, "Ada").await;
    let shown = browser.page.clone();
    let cookie = browser.cookie.clone();
    let session = browser.value("session");
    let foreign = other.value("token");

    for path in ["/sign-in", "/sign-out", "/end", "/end-others"] {
        for token in ["", "token=&", &format!("token={foreign}&")] {
            browser.post(path, &format!("{token}name=Mallory&password=open+sesame&session={session}")).await;
            assert_eq!(browser.status, StatusCode::FORBIDDEN, "{path} {token}");
            assert!(browser.page.contains("Nothing was changed"), "{}", browser.page);
            assert_eq!(browser.cookie, cookie);
        }
    }
    browser.get("/").await;
    assert_eq!(browser.page, shown);
}

#[tokio::test]
async fn s29_a_form_that_comes_without_a_cookie_is_refused_and_gets_none() {
    let app = at(&Clock::manual());
    let mut browser = Browser::new(&app, FIREFOX);
    browser.post("/sign-in", "token=&name=Mallory&password=open+sesame").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.cookie, None, "it would take the place of the visitor's own");
}

#[tokio::test]
async fn s29_a_token_is_another_after_each_sign_in_and_sign_out() {
    let clock = Clock::manual();
    let app = at(&clock);
    let mut browser = Browser::new(&app, FIREFOX);
    browser.get("/sign-in").await;
    let mut tokens = vec![browser.value("token")];
    browser.send("/sign-in", "name=Ada&password=open+sesame").await;
    tokens.push(browser.value("token"));
    let _other = Browser::signed_in(&app, FIREFOX, "Ada").await;
    browser.send("/end-others", "password=open+sesame").await;
    tokens.push(browser.value("token"));
    browser.send("/sign-out", "").await;
    tokens.push(browser.value("token"));

    for (index, token) in tokens.iter().enumerate() {
        assert!(!tokens[..index].contains(token), "{index}");
    }
}

#[tokio::test]
async fn s31_ending_the_others_asks_for_the_password_once_the_sign_in_is_a_while_ago() {
    let clock = Clock::manual();
    let app = at(&clock);
    let mut other = Browser::signed_in(&app, FIREFOX, "Ada").await;
    let mut browser = Browser::signed_in(&app, FIREFOX, "Ada").await;
    clock.advance(RECENT + Duration::from_secs(1));

    browser.send("/end-others", "").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    assert!(browser.page.contains("Is it you?"), "{}", browser.page);
    browser.send("/end-others", "password=open+barley").await;
    assert!(browser.page.contains("That is not the password."), "{}", browser.page);
    other.get("/").await;
    assert!(other.page.contains("Where you are signed in"), "{}", other.page);

    let cookie = browser.cookie.clone();
    browser.send("/end-others", "password=open+sesame").await;
    assert!(browser.page.contains("1 other session has ended."), "{}", browser.page);
    assert_ne!(browser.cookie, cookie, "whoever signs in anew gets a new id");
    other.get("/").await;
    assert!(other.page.contains("The session of this browser has ended"), "{}", other.page);
}

#[tokio::test]
async fn a_handle_of_somebody_elses_ends_nothing() {
    let app = at(&Clock::manual());
    let _first = Browser::signed_in(&app, FIREFOX, "Grace").await;
    let grace = Browser::signed_in(&app, FIREFOX, "Grace").await;
    let mut ada = Browser::signed_in(&app, FIREFOX, "Ada").await;
    ada.send("/end", &format!("session={}", grace.value("session"))).await;
    assert!(ada.page.contains("That session had ended already."), "{}", ada.page);

    let mut grace = grace;
    grace.get("/").await;
    assert_eq!(grace.page.matches("<h2>").count(), 2);
}

#[tokio::test]
async fn the_sixth_sign_in_ends_the_oldest() {
    let clock = Clock::manual();
    let app = at(&clock);
    let mut browsers = Vec::new();
    for _ in 0..6 {
        browsers.push(Browser::signed_in(&app, FIREFOX, "Ada").await);
        clock.advance(Duration::from_secs(1));
    }
    browsers[0].get("/").await;
    assert!(browsers[0].page.contains("The session of this browser has ended"), "{}", browsers[0].page);
    browsers[5].get("/").await;
    assert_eq!(browsers[5].page.matches("<h2>").count(), 5);
}

#[tokio::test]
async fn a_visitor_who_does_not_sign_in_is_forgotten_after_half_an_hour() {
    let clock = Clock::manual();
    let mut browser = Browser::new(&at(&clock), FIREFOX);
    browser.get("/sign-in").await;
    clock.advance(Duration::from_mins(31));
    browser.send("/sign-in", "name=Ada&password=open+sesame").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    browser.get("/").await;
    browser.send("/sign-in", "name=Ada&password=open+sesame").await;
    assert!(browser.page.contains("You are <strong>Ada</strong>"), "{}", browser.page);
}
