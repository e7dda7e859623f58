//! Sealed bytes: nobody without the key can read them, change them, or use them elsewhere.

use std::fmt;

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};

use super::ring::{Opened, Subkeys};
use super::{HEADER, KeyRing, Purpose, Unopened, VERSION};
use crate::error::SessionError;

/// Seals with XChaCha20-Poly1305. (`pub`, as whatever the fields of generated code are opened with.)
///
/// ```text
/// [version: u8 = 1] [key id: 4] [nonce: 24, random] [ciphertext: as long as the contents] [tag: 16]
/// ```
///
/// Associated data: the version, then the place that it is sealed for (a cookie's name; a record's binding and a field's name).
pub struct Sealer(Subkeys<XChaCha20Poly1305>);

const NONCE: usize = 24;
const TAG: usize = 16;

impl Sealer {
    /// How many bytes come before the contents.
    pub(crate) const PREFIX: usize = HEADER + NONCE;
    /// How many bytes sealing adds.
    pub(crate) const OVERHEAD: usize = Self::PREFIX + TAG;

    pub(crate) fn new(ring: &KeyRing, purpose: Purpose) -> Self {
        Self(Subkeys::new(ring, purpose, |key| XChaCha20Poly1305::new((&*key).into())))
    }

    /// Seals what stands in `bytes` from `start` on: [`PREFIX`](Self::PREFIX) bytes to be filled here, then the contents.
    pub(crate) fn seal(&self, place: &[&[u8]], bytes: &mut Vec<u8>, start: usize) -> Result<(), SessionError> {
        let (prefix, contents) = bytes[start..].split_at_mut(Self::PREFIX);
        let cipher = self.0.first(prefix);
        let nonce = &mut prefix[HEADER..];
        getrandom::fill(nonce).map_err(SessionError::random)?;
        let nonce = XNonce::try_from(&*nonce).map_err(SessionError::random)?;
        match cipher.encrypt_inout_detached(&nonce, Associated::of(place).bytes(), contents.into()) {
            Ok(tag) => bytes.extend_from_slice(&tag),
            Err(_) => unreachable!("256 GiB at once can be sealed"),
        }
        Ok(())
    }

    /// Opens sealed bytes, in place.
    pub(crate) fn open(&self, place: &[&[u8]], bytes: &mut [u8]) -> Result<Opened, Unopened> {
        let (header, rest) = bytes.split_first_chunk_mut().ok_or(Unopened::Malformed)?;
        let (nonce, rest) = rest.split_first_chunk_mut::<NONCE>().ok_or(Unopened::Malformed)?;
        let (contents, tag) = rest.split_last_chunk_mut::<TAG>().ok_or(Unopened::Malformed)?;
        let (cipher, is_stale) = self.0.find(*header)?;
        let length = contents.len();
        let (nonce, tag): (XNonce, Tag) = ((*nonce).into(), (*tag).into());
        cipher
            .decrypt_inout_detached(&nonce, Associated::of(place).bytes(), contents.into(), &tag)
            .map_err(|_| Unopened::Forged)?;
        Ok(Opened { contents: Self::PREFIX..Self::PREFIX + length, is_stale })
    }
}

/// The associated data, nearly always without an allocation.
struct Associated {
    short: [u8; 64],
    length: usize,
    long: Vec<u8>,
}

impl Associated {
    fn of(place: &[&[u8]]) -> Self {
        let length = 1 + place.iter().map(|part| part.len()).sum::<usize>();
        let mut data = Self { short: [VERSION; 64], length, long: Vec::new() };
        if length > data.short.len() {
            data.long = [&[&[VERSION][..]], place].concat().concat();
            return data;
        }
        let mut end = 1;
        for part in place {
            data.short[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        }
        data
    }

    fn bytes(&self) -> &[u8] {
        if self.long.is_empty() { &self.short[..self.length] } else { &self.long }
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(REDACTED)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Key;

    fn sealer() -> Sealer {
        Sealer::new(&Key::from_bytes([7; 32]).expect("a key").into(), Purpose::SealedCookie)
    }

    #[test]
    fn t70_what_is_sealed_comes_back_and_what_stands_before_it_stays() {
        let sealer = sealer();
        let mut bytes = [b"before", &[0; Sealer::PREFIX][..], b"contents"].concat();
        sealer.seal(&[b"id"], &mut bytes, 6).expect("random bytes");
        assert_eq!((&bytes[..6], bytes.len()), (&b"before"[..], 6 + Sealer::OVERHEAD + 8));
        assert!(!bytes.windows(8).any(|window| window == b"contents"));
        let opened = sealer.open(&[b"id"], &mut bytes[6..]).expect("its own place");
        assert!(!opened.is_stale);
        assert_eq!(&bytes[6..][opened.contents], b"contents");
    }

    #[test]
    fn t70_whatever_is_too_short_is_malformed() {
        for length in 0..Sealer::OVERHEAD {
            assert_eq!(sealer().open(&[b"id"], &mut vec![VERSION; length]), Err(Unopened::Malformed), "{length}");
        }
        let mut empty = vec![0; Sealer::PREFIX];
        sealer().seal(&[b"id"], &mut empty, 0).expect("random bytes");
        assert_eq!(empty.len(), Sealer::OVERHEAD);
        assert!(sealer().open(&[b"id"], &mut empty).is_ok());
    }
}
