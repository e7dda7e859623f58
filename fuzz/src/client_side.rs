//! Sessions in cookies: what a payload may hold that was sealed or signed with the right key.

use http::StatusCode;
use session_runtime::CookieStore;
use session_runtime::backend::{Backend as _, Found};
use session_runtime::record::Record;

use crate::memory;
use crate::payloads;
use crate::site::{Act, Answer, Seen, Site, at_once, cookie};
use crate::tokens;

/// The largest cookie that browsers keep, name and value together.
const MAX_COOKIE: usize = 4096;

/// An application whose sessions are in cookies.
pub(crate) struct ClientSide {
    pub(crate) site: Site,
    store: CookieStore,
    close: fn(&[u8]) -> Vec<u8>,
}

impl ClientSide {
    /// An application over this store, whose tokens `close` makes.
    pub(crate) fn new(store: CookieStore, close: fn(&[u8]) -> Vec<u8>) -> Self {
        let good = tokens::text(&close(&payloads::plain()));
        Self { site: Site::new(store.clone(), good), store, close }
    }

    /// Any payload is a session or none. One that is goes on: what is changed in it is there in the next request, beside all that was not.
    pub(crate) fn holds(&self, payload: &[u8]) {
        let token = tokens::text(&(self.close)(payload));
        let in_proportion = 64 * payload.len() + (1 << 19);
        let before = memory::within(in_proportion, || self.record(&token));
        let read = self.visit(&token, Act::Read);
        assert_eq!(read.status, StatusCode::OK);
        let Some(before) = before.filter(|_| read.is_loaded()) else {
            assert!(!read.is_loaded() && read.set.is_none(), "{read:?}");
            return;
        };
        if let Some(extended) = &read.set {
            self.assert_kept(&before, extended, "");
        }
        let counted = self.visit(&token, Act::Count);
        if counted.status == StatusCode::PAYLOAD_TOO_LARGE {
            return assert_eq!(counted.set, None);
        }
        assert_eq!(counted.status, StatusCode::OK);
        let changed = counted.set.expect("what was changed is in a cookie");
        self.assert_kept(&before, &changed, "hits");
        let again = self.visit(&changed, Act::Read);
        let hits = |seen: Seen| seen.hits;
        assert!(again.is_loaded(), "{again:?}");
        assert_eq!(again.seen.map(hits), counted.seen.map(hits));
    }

    /// The cookie is one that browsers keep, and holds every field that the record had but this one.
    fn assert_kept(&self, before: &Record, token: &str, changed: &str) {
        assert!(tokens::COOKIE.len() + token.len() <= MAX_COOKIE);
        let after = self.record(token).expect("what was issued opens");
        for (name, value) in before.entries().filter(|(name, _)| *name != changed && !name.starts_with('@')) {
            assert_eq!(after.get(name), Some(value), "the field {name:?}");
        }
    }

    fn visit(&self, token: &str, act: Act) -> Answer {
        self.site.visit(cookie(token.as_bytes()), act)
    }

    fn record(&self, token: &str) -> Option<Record> {
        let presented = self.store.token(token.as_bytes(), tokens::COOKIE).ok()?;
        match at_once(self.store.load(presented.token, tokens::COOKIE, None)).expect("an answer") {
            Found::Live(live) => Some(live.record),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payloads_to_start_from_are_sessions_but_for_those_that_shall_be_none() {
        for (store, close) in [
            (CookieStore::new(tokens::key()), tokens::sealed as fn(&[u8]) -> Vec<u8>),
            (CookieStore::signed(tokens::key()), tokens::signed_session),
        ] {
            let site = ClientSide::new(store, close);
            let is_none = |payload: &[u8]| site.record(&tokens::text(&close(payload))).is_none();
            let none = payloads::seeds().into_iter().filter(|(_, payload)| is_none(payload));
            let names: Vec<_> = none.map(|(name, _)| name).collect();
            assert_eq!(names, ["bomb", "cut_short", "unknown_flag", "unpadded"]);
        }
    }
}
