//! The session cookie: what it is called, how far it reaches, and how it is read and written.

use std::fmt;

use cookie::{Cookie, CookieBuilder};
use http::HeaderValue;

pub use cookie::SameSite;

use crate::backend::Backend;
use crate::clock::Timestamp;
use crate::expiry::Expiry;
use crate::state::CookieChange;

/// The session cookie's name and attributes.
///
/// The defaults are the safe ones: `__Host-id`, `Path=/`, `Secure`, `HttpOnly`, `SameSite=Lax`, no `Domain` (OWASP Session Management Cheat
/// Sheet, "Cookies"; RFC 6265bis, section 4.1.3). `curl`, Chrome and Firefox treat `http://localhost` as secure, so they work in development too;
/// for Safari, or another address without TLS, use `SessionCookie::new("id").secure(false)` there.
///
/// ```
/// use session_runtime::{SameSite, SessionCookie};
///
/// let cookie = SessionCookie::new("__Secure-admin").path("/admin").same_site(SameSite::Strict);
/// # let _ = cookie;
/// ```
#[derive(Clone)]
#[must_use = "a cookie does nothing until a layer is built with it"]
pub struct SessionCookie(Cookie<'static>);

impl Default for SessionCookie {
    fn default() -> Self {
        Self::new("__Host-id")
    }
}

impl SessionCookie {
    /// A cookie of this name. With the prefix `__Host-` browsers hold it to this host alone, and demand `Secure`, `Path=/` and no `Domain`.
    pub fn new(name: impl Into<String>) -> Self {
        let cookie: CookieBuilder<'static> = Cookie::build((name.into(), ""));
        Self(cookie.path("/").secure(true).http_only(true).same_site(SameSite::Lax).build())
    }

    /// Sent only to paths below this one.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.0.set_path(path.into());
        self
    }

    /// Sent to this domain and all below it, instead of this host alone.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.0.set_domain(domain.into());
        self
    }

    /// Sent only over TLS.
    pub fn secure(mut self, secure: bool) -> Self {
        self.0.set_secure(secure);
        self
    }

    /// Hidden from scripts.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.0.set_http_only(http_only);
        self
    }

    /// Which requests that other sites cause carry it.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.0.set_same_site(same_site);
        self
    }

    /// Kept apart for each site that embeds this one (CHIPS).
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.0.set_partitioned(partitioned);
        self
    }

    /// Why a browser would refuse this cookie, or silently keep less of it than was asked.
    fn objection(&self) -> Option<String> {
        let cookie = &self.0;
        let name = cookie.name();
        let lower = name.to_ascii_lowercase();
        let secure = cookie.secure().unwrap_or(false);
        let path = cookie.path().unwrap_or("");
        let domain = cookie.domain();
        let refused =
            |reason: &str| Some(format!("the cookie `{}` would be refused by browsers: {reason}", name.escape_debug()));
        if name.is_empty() || !name.bytes().all(is_token) {
            return refused("its name holds more than letters, digits and !#$%&'*+-.^_`|~");
        }
        if !path.starts_with('/') || !path.bytes().all(is_attribute) {
            return refused("its path does not start with `/`, or holds `;` or a control character");
        }
        if domain.is_some_and(|domain| domain.is_empty() || !domain.bytes().all(is_domain)) {
            return refused("its domain is not a host name");
        }
        if lower.starts_with("__host-") && (!secure || path != "/" || domain.is_some()) {
            return refused("a name with `__Host-` needs `Secure`, the path `/`, and no domain");
        }
        if lower.starts_with("__secure-") && !secure {
            return refused("a name with `__Secure-` needs `Secure`");
        }
        if cookie.same_site() == Some(SameSite::None) && !secure {
            return refused("`SameSite=None` needs `Secure`");
        }
        if cookie.partitioned() == Some(true) && !secure {
            return refused("`Partitioned` needs `Secure`");
        }
        None
    }
}

impl fmt::Debug for SessionCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionCookie({})", self.0)
    }
}

/// RFC 9110's token, which a cookie's name is.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_attribute(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && byte != b';'
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-".contains(&byte)
}

/// The cookie as the layer uses it: checked, and written but for its value.
#[derive(Clone)]
pub(crate) struct Template {
    name: String,
    /// `; HttpOnly; SameSite=Lax; …`
    attributes: String,
    removal: HeaderValue,
}

impl Template {
    /// # Panics
    ///
    /// If a browser would refuse the cookie.
    #[track_caller]
    pub(crate) fn new(cookie: &SessionCookie) -> Self {
        if let Some(objection) = cookie.objection() {
            panic!("{objection}");
        }
        let name = cookie.0.name().to_owned();
        let written = cookie.0.to_string();
        let attributes = written[name.len() + 1..].to_owned();
        let removal = format!("{written}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        let removal = HeaderValue::try_from(removal).unwrap_or_else(|error| panic!("the cookie `{name}`: {error}"));
        Self { name, attributes, removal }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The `Set-Cookie` that tells the client of the change, if there is one.
    pub(crate) fn write(
        &self,
        change: &CookieChange,
        backend: &dyn Backend,
        now: impl FnOnce() -> Timestamp,
    ) -> Option<HeaderValue> {
        let (value, expires) = match change {
            CookieChange::Keep => return None,
            CookieChange::Remove => return Some(self.removal.clone()),
            CookieChange::Set(token, expires) => (backend.value(token, &self.name), *expires),
        };
        let max_age = expires.map(|expires| {
            // Rounded up: the cookie ends with the session or just after it, and the store ends it on the millisecond.
            let left = expires.saturating_since(now()).min(Expiry::MAX);
            format!("; Max-Age={}", left.as_millis().div_ceil(1000))
        });
        let max_age = max_age.as_deref().unwrap_or_default();
        let parts = [self.name.as_bytes(), b"=", &value, self.attributes.as_bytes(), max_age.as_bytes()];
        // Of exactly the right size, which becomes a header without another allocation.
        let header = parts.concat();
        let mut header = HeaderValue::try_from(header).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// The values of all cookies of this name in one `Cookie` header.
    pub(crate) fn values<'a>(&self, header: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        pairs(header).filter_map(|pair| {
            let value = pair
                .trim_ascii_start()
                .strip_prefix(self.name.as_bytes())?
                .trim_ascii_start()
                .strip_prefix(b"=")?
                .trim_ascii();
            let quoted = value.strip_prefix(b"\"").and_then(|inner| inner.strip_suffix(b"\""));
            Some(quoted.unwrap_or(value))
        })
    }
}

/// What stands between the semicolons.
fn pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let header = rest?;
        let (pair, left) = match memchr::memchr(b';', header) {
            Some(end) => (&header[..end], Some(&header[end + 1..])),
            None => (header, None),
        };
        rest = left;
        Some(pair)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(cookie: &SessionCookie) -> String {
        cookie.objection().unwrap_or_else(|| panic!("{cookie:?} was accepted"))
    }

    #[test]
    fn s03_t19_t28_what_a_browser_would_refuse_does_not_start() {
        assert!(objection(&SessionCookie::new("__Host-id").domain("example.org")).contains("no domain"));
        assert!(objection(&SessionCookie::new("__HOST-id").path("/admin")).contains("the path `/`"));
        assert!(objection(&SessionCookie::new("__host-id").secure(false)).contains("needs `Secure`"));
        assert!(objection(&SessionCookie::new("__SeCuRe-id").secure(false)).contains("needs `Secure`"));
        assert!(objection(&SessionCookie::new("id").secure(false).same_site(SameSite::None)).contains("SameSite=None"));
        assert!(objection(&SessionCookie::new("id").secure(false).partitioned(true)).contains("Partitioned"));
        for name in ["", "my session", "a;b", "a\r\nb", "a=b", "ä"] {
            assert!(objection(&SessionCookie::new(name)).contains("its name"));
        }
        for path in ["", "admin", "/a;b", "/a\r\nb"] {
            assert!(objection(&SessionCookie::new("id").path(path)).contains("its path"));
        }
        for domain in ["", "a;b", "a b", "a\r\nb"] {
            assert!(objection(&SessionCookie::new("id").domain(domain)).contains("its domain"));
        }
        assert_eq!(SessionCookie::new("my-session_v2").secure(false).objection(), None);
        assert_eq!(SessionCookie::default().objection(), None);
    }

    #[test]
    fn every_cookie_of_the_name_is_found_and_no_other() {
        let template = Template::new(&SessionCookie::new("id"));
        let values: Vec<_> = template.values(b"a=1; id=x; xid=2; id2=3;id=\"y\" ; id = z; id; =id").collect();
        assert_eq!(values, [&b"x"[..], b"y", b"z"]);
    }
}
