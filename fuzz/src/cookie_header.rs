//! Whatever a client sends as its cookies.

use std::sync::LazyLock;

use http::HeaderValue;
use session_runtime::{CookieStore, MemoryStore};

use crate::client_side::ClientSide;
use crate::site::{PLANTED, Site, planted};
use crate::{Seed, memory, payloads, tokens};

/// The most headers of a request here.
const MAX_HEADERS: usize = 64;

struct Sites {
    store: MemoryStore,
    all: [Site; 3],
}

/// After a first byte that says to whom: lines of bytes as the `Cookie` headers of a request to sessions on the server (0, modulo 3), to the
/// same with signed ids (1), or to sessions in cookies (2).
///
/// # Panics
///
/// If a request with any cookies is not answered with 200, sets a cookie or makes a session, if a session is opened without its cookie, or if
/// one is not opened by its cookie because of others that follow.
pub fn cookie_header(bytes: &[u8]) {
    static SITES: LazyLock<Sites> = LazyLock::new(|| {
        let store = planted();
        let plain = Site::new(store.clone(), PLANTED);
        let signed = Site::new(store.clone(), PLANTED).signing_ids();
        let sealed = ClientSide::new(CookieStore::new(tokens::key()), tokens::sealed).site;
        Sites { store, all: [plain, signed, sealed] }
    });
    let Some((site, bytes)) = bytes.split_first() else { return };
    let lines = bytes.split(|byte| *byte == b'\n').take(MAX_HEADERS);
    let cookies: Vec<_> = lines.filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let site = &SITES.all[usize::from(*site) % SITES.all.len()];
    memory::within(64 * bytes.len() + (1 << 16), || site.takes(&cookies));
    assert_eq!(SITES.store.len(), 1, "a request that changed nothing made a session");
}

pub(crate) fn seeds() -> Vec<Seed> {
    let signed = tokens::text(&tokens::signed_id(&tokens::bytes(PLANTED)));
    let sealed = tokens::text(&tokens::sealed(&payloads::plain()));
    let unknown = "a".repeat(PLANTED.len());
    let text = |site: u8, text: &str| [&[site], text.as_bytes()].concat();
    vec![
        ("none", text(0, "")),
        ("id", text(0, &format!("__Host-id={PLANTED}"))),
        ("signed_id", text(1, &format!("__Host-id={signed}"))),
        ("sealed", text(2, &format!("__Host-id={sealed}"))),
        ("unknown_id", text(0, &format!("__Host-id={unknown}"))),
        ("unsigned_id", text(1, &format!("__Host-id={PLANTED}"))),
        ("id_for_sealed", text(2, &format!("__Host-id={signed}"))),
        ("quoted", text(0, &format!("theme=\"dark\"; __Host-id=\"{PLANTED}\"; lang=en"))),
        ("several", text(1, &format!("__Host-id={unknown}; __Host-id={sealed}; __Host-id={signed}"))),
        ("several_headers", text(0, &format!("a=1; b=2\n__Host-id={unknown}\n__Host-id={PLANTED}"))),
        ("spaces", text(0, &format!(" __Host-id = {PLANTED} ;; = ; __Host-id"))),
        ("another_case", text(2, &format!("__HOST-ID={sealed}; __Host-idx={unknown}; x__Host-id={unknown}"))),
        ("not_utf8", b"\x02__Host-id=\xff\xfe; \x80=\xc0".to_vec()),
    ]
}
