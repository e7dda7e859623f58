//! Session ids, and the keys that stores know them by.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::error::SessionError;

/// The bearer secret of a server-side session: 192 random bits, as 32 base64url characters.
///
/// Three times the 64 bits of entropy that the OWASP Session Management Cheat Sheet asks for. Whoever knows it is signed in, so it is never
/// printed; [`fingerprint`](Self::fingerprint) is what belongs into a log.
#[derive(Clone, Copy, Eq)]
pub struct SessionId([u8; Self::LEN]);

impl SessionId {
    /// Characters in an id.
    pub const LEN: usize = 32;
    /// The random bytes that they stand for.
    pub(crate) const BYTES: usize = Self::LEN / 4 * 3;

    /// A new id, from the operating system's random generator.
    ///
    /// # Errors
    ///
    /// Where the operating system gives no random bytes.
    pub fn generate() -> Result<Self, SessionError> {
        let mut random = [0; Self::BYTES];
        getrandom::fill(&mut random).map_err(SessionError::random)?;
        Ok(Self::from_random(random))
    }

    /// The id of these bytes.
    pub(crate) fn from_random(random: [u8; Self::BYTES]) -> Self {
        let mut text = [0; Self::LEN];
        match URL_SAFE_NO_PAD.encode_slice(random, &mut text) {
            Ok(_) => Self(text),
            Err(_) => unreachable!("24 bytes are 32 characters"),
        }
    }

    /// The bytes that it was made of.
    pub(crate) fn to_random(self) -> [u8; Self::BYTES] {
        let mut random = [0; Self::BYTES];
        match URL_SAFE_NO_PAD.decode_slice(self.0, &mut random) {
            Ok(_) => random,
            Err(_) => unreachable!("an id's characters were looked at when it was made"),
        }
    }

    /// Reads what a cookie holds; `None` unless it is 32 base64url characters.
    ///
    /// 32 characters are exactly 24 bytes, so every id has one spelling.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text: [u8; Self::LEN] = text.try_into().ok()?;
        text.iter().all(|byte| IS_BASE64URL[usize::from(*byte)]).then_some(Self(text))
    }

    /// The characters that the cookie holds. A secret: not for logs, pages or URLs.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What the store knows this session by.
    pub fn store_key(&self) -> StoreKey {
        StoreKey(Sha256::digest(self.0).into())
    }

    /// Eight hexadecimal digits that tell sessions apart in a log and cannot be turned back into the id.
    pub fn fingerprint(&self) -> String {
        self.store_key().fingerprint()
    }
}

impl PartialEq for SessionId {
    /// In constant time: how long it takes tells nothing of where two ids differ.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(REDACTED)")
    }
}

/// Whether a byte is a character of base64url: looked up, since every request with a cookie asks it 32 times.
const IS_BASE64URL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// The SHA-256 of a [`SessionId`]: whoever reads the store cannot take over a session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// The key of these 32 bytes, for stores that keep keys as bytes and for tests of stores.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first four bytes as hexadecimal digits, for logs.
    pub fn fingerprint(&self) -> String {
        let [a, b, c, d, ..] = self.0;
        format!("{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({}…)", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_from_its_own_text() {
        let id = SessionId::generate().expect("random bytes");
        assert_eq!(SessionId::parse(id.as_str().as_bytes()), Some(id));
        assert_eq!(id.as_str().len(), SessionId::LEN);
    }

    #[test]
    fn text_of_another_length_or_alphabet_is_no_id() {
        let malformed: [&[u8]; 6] = [b"", b"short", &[b'a'; 31], &[b'a'; 33], &[b'='; 32], &[0xff; 32]];
        for text in malformed {
            assert_eq!(SessionId::parse(text), None);
        }
    }
}
