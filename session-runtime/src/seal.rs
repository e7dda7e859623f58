//! Keys, and what they make: sealed bytes, which nobody else can read, and signed ones, which nobody else can make.

mod key;
mod ring;
mod sealer;
mod signer;

pub use key::{Key, KeyError, KeyId};
pub use ring::KeyRing;

pub(crate) use ring::{Opened, Purpose, Unopened};
pub(crate) use sealer::Sealer;
pub(crate) use signer::Signer;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The version of the formats below: the first byte of everything that is sealed or signed, and a part of every subkey's label.
const VERSION: u8 = 1;

/// `version ‖ key id`, with which everything begins.
const HEADER: usize = 1 + KeyId::LEN;

/// The text of a token: base64url without padding, of which every token has one spelling (RFC 4648, sections 5 and 3.5).
pub(crate) fn to_text(token: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(token)
}

/// The token of a text, if it is one's only spelling.
pub(crate) fn from_text(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The length of the text of a token of so many bytes.
pub(crate) const fn text_len(token: usize) -> usize {
    (token * 4).div_ceil(3)
}
