//! What a response says about the session, beside what the handler says.

use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Sets the cookie after the handler's own, and keeps the response out of caches: a cached cookie is a stolen account.
pub(super) fn set_cookie(headers: &mut HeaderMap, cookie: HeaderValue) {
    headers.append(SET_COOKIE, cookie);
    add(
        headers,
        CACHE_CONTROL,
        "no-store",
        HeaderValue::from_static("no-store"),
    );
}

/// The response may differ with the cookie (RFC 9110, section 12.5.5).
pub(super) fn vary_by_cookie(headers: &mut HeaderMap) {
    if !lists(headers, &VARY, "*") {
        add(
            headers,
            VARY,
            COOKIE.as_str(),
            HeaderValue::from_static("Cookie"),
        );
    }
}

/// Adds an element to a list header unless it is there.
fn add(headers: &mut HeaderMap, name: HeaderName, element: &str, value: HeaderValue) {
    if !lists(headers, &name, element) {
        headers.append(name, value);
    }
}

fn lists(headers: &HeaderMap, name: &HeaderName, element: &str) -> bool {
    let mut lines = headers.get_all(name).iter();
    lines.any(|line| {
        line.as_bytes()
            .split(|byte| *byte == b',')
            .any(|known| known.trim_ascii().eq_ignore_ascii_case(element.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(headers: &HeaderMap, name: HeaderName) -> Vec<&str> {
        headers
            .get_all(name)
            .iter()
            .map(|line| line.to_str().expect("text"))
            .collect()
    }

    #[test]
    fn t53_what_the_handler_says_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=5"),
        );
        headers.insert(VARY, HeaderValue::from_static("Accept"));
        set_cookie(&mut headers, HeaderValue::from_static("id=x"));
        vary_by_cookie(&mut headers);
        vary_by_cookie(&mut headers);
        assert_eq!(
            lines(&headers, CACHE_CONTROL),
            ["private, max-age=5", "no-store"]
        );
        assert_eq!(lines(&headers, VARY), ["Accept", "Cookie"]);
    }

    #[test]
    fn what_is_said_already_is_not_said_twice() {
        let mut headers = HeaderMap::new();
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("max-age=0, No-Store"),
        );
        headers.insert(VARY, HeaderValue::from_static("*"));
        set_cookie(&mut headers, HeaderValue::from_static("id=x"));
        vary_by_cookie(&mut headers);
        assert_eq!(lines(&headers, CACHE_CONTROL), ["max-age=0, No-Store"]);
        assert_eq!(lines(&headers, VARY), ["*"]);
    }
}
