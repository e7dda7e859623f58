//! What a response says about the session, beside what the handler says.

use http::header::{CACHE_CONTROL, Entry, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Sets the cookie after the handler's own, and keeps the response out of caches: a cached cookie is a stolen account.
pub(super) fn set_cookie(headers: &mut HeaderMap, cookie: HeaderValue) {
    headers.append(SET_COOKIE, cookie);
    add(headers, CACHE_CONTROL, HeaderValue::from_static("no-store"), &["no-store"]);
}

/// The response may differ with the cookie (RFC 9110, section 12.5.5).
pub(super) fn vary_by_cookie(headers: &mut HeaderMap) {
    add(headers, VARY, HeaderValue::from_static("Cookie"), &["cookie", "*"]);
}

/// Adds an element to a list header unless one is there that says as much.
fn add(headers: &mut HeaderMap, name: HeaderName, element: HeaderValue, same: &[&str]) {
    match headers.entry(name) {
        Entry::Vacant(place) => {
            place.insert(element);
        }
        Entry::Occupied(mut lines) => {
            if !lines.iter().any(|line| lists(line, same)) {
                lines.append(element);
            }
        }
    }
}

fn lists(line: &HeaderValue, any: &[&str]) -> bool {
    let mut elements = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    elements.any(|element| any.iter().any(|same| element.eq_ignore_ascii_case(same.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(headers: &HeaderMap, name: HeaderName) -> Vec<&str> {
        headers.get_all(name).iter().map(|line| line.to_str().expect("text")).collect()
    }

    #[test]
    fn t53_what_the_handler_says_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=5"));
        headers.insert(VARY, HeaderValue::from_static("Accept"));
        set_cookie(&mut headers, HeaderValue::from_static("id=x"));
        vary_by_cookie(&mut headers);
        vary_by_cookie(&mut headers);
        assert_eq!(lines(&headers, CACHE_CONTROL), ["private, max-age=5", "no-store"]);
        assert_eq!(lines(&headers, VARY), ["Accept", "Cookie"]);
    }

    #[test]
    fn what_is_said_already_is_not_said_twice() {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=0, No-Store"));
        headers.insert(VARY, HeaderValue::from_static("*"));
        set_cookie(&mut headers, HeaderValue::from_static("id=x"));
        vary_by_cookie(&mut headers);
        assert_eq!(lines(&headers, CACHE_CONTROL), ["max-age=0, No-Store"]);
        assert_eq!(lines(&headers, VARY), ["*"]);
    }
}
