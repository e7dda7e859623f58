//! Compression, as DEFLATE (RFC 1951), with a bound on what is inflated.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::CookieStore;
use super::payload::Packing;

impl CookieStore {
    /// (Feature `compress`.) Compresses what is sealed, and pads it to a multiple of `block` bytes, in the place of another [`pad`](Self::pad).
    ///
    /// Never without padding: how well something compresses tells what is in it. If a visitor can put text into a field, the length of the
    /// cookie says whether that text stands in another field, too, letter by letter (the attack named CRIME). Padding blurs that, and does not
    /// end it: do not compress sessions that hold a secret beside a visitor's words.
    ///
    /// # Panics
    ///
    /// If `block` is less than 32, or more than 1,024.
    #[track_caller]
    pub fn compress(mut self, block: usize) -> Self {
        assert!((32..=1024).contains(&block), "compressing, and padding to {block} bytes: 32 to 1024 are possible");
        self.packing = Packing { block: Some(block), deflates: true };
        self
    }
}

/// Of what fits into a cookie, the slower levels make hardly less.
const LEVEL: u8 = 1;

/// The bytes compressed, if that is smaller.
pub(super) fn deflated(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(compress_to_vec(bytes, LEVEL)).filter(|deflated| deflated.len() < bytes.len())
}

/// The bytes that were compressed, if they are no more than `most`.
pub(super) fn inflated(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    decompress_to_vec_with_limit(bytes, most).ok()
}
