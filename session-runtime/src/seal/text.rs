//! The text of a token: base64url without padding, of which every token has one spelling (RFC 4648, sections 5 and 3.5).

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "text/scalar.rs"]
mod engine;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[path = "text/simd.rs"]
mod engine;

use base64::Engine as _;
use engine::ENGINE;

/// The text of a token: ASCII.
pub(crate) fn to_text(token: &[u8]) -> Vec<u8> {
    let mut text = vec![0; text_len(token.len())];
    match ENGINE.encode_slice(token, &mut text) {
        Ok(_) => text,
        Err(_) => unreachable!("the text is as long as it must be"),
    }
}

/// The token of a text, if it is one's only spelling.
pub(crate) fn from_text(text: &[u8]) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

/// The length of the text of a token of so many bytes.
pub(crate) const fn text_len(token: usize) -> usize {
    (token * 4).div_ceil(3)
}
