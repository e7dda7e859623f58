//! Whatever a client sends in place of a signed session or a signed id, and whatever the key was used to sign.

use std::sync::LazyLock;

use session_runtime::CookieStore;

use crate::client_side::ClientSide;
use crate::payloads;
use crate::site::{PLANTED, Site, planted};
use crate::{Seed, tokens};

/// After a first byte that says what they are: for sessions in signed cookies a cookie's value (0, modulo 6), a token's bytes (1), or the
/// payload of a token that is signed here with the right key (2); for signed ids a value (3), a token's bytes (4), or what is signed (5).
///
/// # Panics
///
/// As [`sealed_token`](crate::sealed_token()).
pub fn signed_token(bytes: &[u8]) {
    static SESSIONS: LazyLock<ClientSide> =
        LazyLock::new(|| ClientSide::new(CookieStore::signed(tokens::key()).compress(32), tokens::signed_session));
    static IDS: LazyLock<Site> = LazyLock::new(|| Site::new(planted(), PLANTED).signing_ids());
    match bytes.split_first() {
        None => IDS.takes_value(b""),
        Some((kind, bytes)) => match kind % 6 {
            0 => SESSIONS.site.takes_value(bytes),
            1 => SESSIONS.site.takes_value(tokens::text(bytes).as_bytes()),
            2 => SESSIONS.holds(bytes),
            3 => IDS.takes_value(bytes),
            4 => IDS.takes_value(tokens::text(bytes).as_bytes()),
            _ => IDS.takes_value(tokens::text(&tokens::signed_id(bytes)).as_bytes()),
        },
    }
}

pub(crate) fn seeds() -> Vec<Seed> {
    let token = tokens::signed_session(&payloads::plain());
    let planted = tokens::bytes(PLANTED);
    let id = tokens::signed_id(&planted);
    let mut seeds = vec![
        ("value", [b"\0", tokens::text(&token).as_bytes()].concat()),
        ("token", [b"\x01", &token[..]].concat()),
        ("token_cut_short", [b"\x01", &token[..token.len() - 1]].concat()),
        ("id_value", [b"\x03", tokens::text(&id).as_bytes()].concat()),
        ("id_unsigned", [b"\x03", PLANTED.as_bytes()].concat()),
        ("id_token", [b"\x04", &id[..]].concat()),
        ("id_of_a_session", [b"\x04", &tokens::signed_session(&planted)[..]].concat()),
        ("id_planted", [b"\x05", &planted[..]].concat()),
        ("id_unknown", [b"\x05", &[7; 24][..]].concat()),
        ("id_too_short", [b"\x05", &planted[1..]].concat()),
    ];
    seeds.extend(payloads::seeds().into_iter().map(|(name, payload)| (name, [b"\x02", &payload[..]].concat())));
    seeds
}
