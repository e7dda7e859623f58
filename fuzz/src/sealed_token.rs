//! Whatever a client sends in place of a sealed session, and whatever the key was used to seal.

use std::sync::LazyLock;

use session_runtime::CookieStore;

use crate::client_side::ClientSide;
use crate::payloads;
use crate::{Seed, tokens};

/// After a first byte that says what they are: a cookie's value (0, modulo 3), a token's bytes (1), or the payload of a token that is sealed
/// here with the right key (2).
///
/// # Panics
///
/// If a request is not answered with 200; if a cookie that was not made with the key opens a session or sets a cookie; if a payload allocates
/// out of proportion; if a session that was read from a payload, and changed, does not go on in the next request with all that it had.
pub fn sealed_token(bytes: &[u8]) {
    static SITE: LazyLock<ClientSide> =
        LazyLock::new(|| ClientSide::new(CookieStore::new(tokens::key()).compress(32), tokens::sealed));
    match bytes.split_first() {
        None => SITE.site.takes_value(b""),
        Some((kind, bytes)) => match kind % 3 {
            0 => SITE.site.takes_value(bytes),
            1 => SITE.site.takes_value(tokens::text(bytes).as_bytes()),
            _ => SITE.holds(bytes),
        },
    }
}

pub(crate) fn seeds() -> Vec<Seed> {
    let token = tokens::sealed(&payloads::plain());
    let mut seeds = vec![
        ("value", [b"\0", tokens::text(&token).as_bytes()].concat()),
        ("value_too_long", [b"\0", tokens::text(&token).as_bytes(), b"A"].concat()),
        ("token", [b"\x01", &token[..]].concat()),
        ("token_cut_short", [b"\x01", &token[..token.len() - 1]].concat()),
        ("token_of_another_version", [b"\x01\x02", &token[1..]].concat()),
    ];
    seeds.extend(payloads::seeds().into_iter().map(|(name, payload)| (name, [b"\x02", &payload[..]].concat())));
    seeds
}
