//! What responses and cookies look like: T17, T18, T45, T50, T53, and security lines 5 to 12, 22, 24, 39.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, HOST, VARY};
use axum::http::{Request, StatusCode};
use session_runtime::SessionHandle;
use session_tests::{Keeping, Kept, Notes, load, over_every_store};

use super::foreign;

over_every_store!(
    t17_s05_s06_s07_s08_the_defaults_are_the_safe_ones,
    t18_s24_the_cookie_is_secure_whatever_the_request_says_of_itself,
    t45_s12_a_malformed_cookie_is_a_fresh_session_and_no_call,
    t50_a_response_that_fails_writes_nothing_and_signs_out,
    t53_s22_what_sets_the_cookie_is_stored_nowhere,
    s10_a_cookie_anywhere_but_in_its_header_is_not_looked_at,
    s39_of_several_cookies_the_first_that_is_a_session_counts,
    s39_four_cookies_are_tried,
);

async fn t17_s05_s06_s07_s08_the_defaults_are_the_safe_ones(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    let answer = kept.get("/update?some=data").await;
    assert_eq!(answer.set_cookie().name, "__Host-id");
    assert_eq!(answer.set_cookie().attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
}

async fn t18_s24_the_cookie_is_secure_whatever_the_request_says_of_itself(keeping: Keeping) {
    let kept = Kept::new(keeping);
    for uri in ["/update?some=data", "http://example.org/update?some=data"] {
        let request = Request::get(uri)
            .header(HOST, "example.org:80")
            .header("x-forwarded-proto", "http")
            .header("forwarded", "proto=http")
            .body(Body::empty())
            .expect("a request");
        assert!(kept.send(request).await.set_cookie().has("Secure"), "{uri}");
    }
}

async fn t45_s12_a_malformed_cookie_is_a_fresh_session_and_no_call(keeping: Keeping) {
    let kept = Kept::new(keeping);
    let token = foreign(keeping).await;
    let mut values: Vec<Vec<u8>> = ["", "\"\"", "a.b.c", "%0d%0aSet-Cookie:%20a=b", "' OR 1=1 --", "../../etc/passwd"]
        .map(|text| text.as_bytes().to_vec())
        .into();
    values.extend([b"A".repeat(10_000), b"A".repeat(4087), vec![0xff; token.len()], "ä".repeat(41).into_bytes()]);
    values.extend(["+", "/", "=", "%", "."].map(|odd| token.replacen(&token[9..10], odd, 1).into_bytes()));
    values.extend(["=", "==", ".", "A A"].map(|end| format!("{token}{end}").into_bytes()));
    for value in values {
        let shown = value.escape_ascii();
        let request = |path: &str| {
            let request = Request::get(path).header(COOKIE, [b"a=b; __Host-id=", &value[..]].concat());
            request.body(Body::empty()).expect("a request")
        };
        let answer = kept.send(request("/view")).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"), "{shown}");
        assert!(answer.sets_no_cookie(), "{shown}");
        assert_eq!(kept.calls(), "none", "{shown}");
        let answer = kept.send(request("/count")).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "1"), "{shown}");
        assert_ne!(answer.set_cookie().value.as_bytes(), value, "{shown}");
        kept.calls();
    }
}

async fn t50_a_response_that_fails_writes_nothing_and_signs_out(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let failing = async |handle: SessionHandle| {
        load::<Notes>(&handle).await.set_some("lost");
        StatusCode::BAD_GATEWAY
    };
    assert!(kept.act(failing).await.sets_no_cookie());
    assert_eq!(kept.get("/view").await.text(), r#"{"some":"data"}"#);
    let ending = async |handle: SessionHandle| {
        load::<Notes>(&handle).await.destroy();
        StatusCode::BAD_GATEWAY
    };
    assert_eq!(kept.act(ending).await.set_cookie().value, "");
    assert_eq!(kept.get("/view").await.text(), "{}");
}

async fn t53_s22_what_sets_the_cookie_is_stored_nowhere(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    for path in ["/update?some=data", "/view", "/destroy"] {
        let answer = kept.get(path).await;
        assert_eq!(answer.lines(&VARY), ["Cookie"], "{path}");
        let stored = if answer.sets_no_cookie() { &[][..] } else { &["no-store"] };
        assert_eq!(answer.lines(&CACHE_CONTROL), stored, "{path}");
    }
    let plain = kept.get("/plain").await;
    assert!(plain.lines(&VARY).is_empty() && plain.lines(&CACHE_CONTROL).is_empty());
}

async fn s10_a_cookie_anywhere_but_in_its_header_is_not_looked_at(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let token = kept.held();
    kept.calls();
    let pair = format!("__Host-id={token}");
    let request = Request::post(format!("/update?{pair}&id={token}"))
        .header("x-session-id", &token)
        .header("set-cookie", &pair)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(COOKIE, format!("id={token}; __host-id={token}; x__Host-id={token}; __Host-id2={token}"))
        .body(Body::from(pair))
        .expect("a request");
    assert_eq!(kept.send(request).await.text(), "{}");
    assert_eq!(kept.calls(), "none");
}

/// What `/view` says to a request with these cookies of the session's name.
async fn seen(kept: &Kept, tokens: &[&str]) -> String {
    let pairs: Vec<_> = tokens.iter().map(|token| format!("__Host-id={token}")).collect();
    let request = Request::get("/view").header(COOKIE, pairs.join("; "));
    let answer = kept.send(request.body(Body::empty()).expect("a request")).await;
    assert!(answer.sets_no_cookie());
    answer.text().to_owned()
}

async fn s39_of_several_cookies_the_first_that_is_a_session_counts(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=first").await;
    let first = kept.held();
    let mut other = kept.other();
    other.get("/update?some=second").await;
    let second = other.id().expect("a cookie").to_owned();
    let foreign = foreign(keeping).await;
    for _ in 0..3 {
        assert_eq!(seen(&kept, &[&first, &second]).await, r#"{"some":"first"}"#);
        assert_eq!(seen(&kept, &[&second, &first]).await, r#"{"some":"second"}"#);
        assert_eq!(seen(&kept, &["", "malformed", &foreign, &first, &second]).await, r#"{"some":"first"}"#);
    }
}

async fn s39_four_cookies_are_tried(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let (held, foreign) = (kept.held(), foreign(keeping).await);
    let mut tokens = vec![&foreign[..]; 3];
    tokens.push(&held);
    assert_eq!(seen(&kept, &tokens).await, r#"{"some":"data"}"#);
    tokens.insert(0, &foreign);
    let expected = if keeping == Keeping::SignedIds { r#"{"some":"data"}"# } else { "{}" };
    assert_eq!(seen(&kept, &tokens).await, expected, "what is not signed here counts for nothing");
}
