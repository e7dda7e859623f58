//! Signed bytes: anybody can read them, nobody without the key can make them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::ring::{Opened, Subkeys};
use super::{HEADER, KeyRing, Purpose, Unopened};

/// Signs with HMAC-SHA-256.
///
/// ```text
/// [version: u8 = 1] [key id: 4] [contents] [code: 32]
/// ```
///
/// The code is made of `[length of the cookie's name: u64 LE] [cookie's name] [version] [key id] [contents]`.
pub(crate) struct Signer(Subkeys<Hmac<Sha256>>);

const CODE: usize = 32;

impl Signer {
    /// How many bytes come before the contents.
    pub(crate) const PREFIX: usize = HEADER;
    /// How many bytes signing adds.
    pub(crate) const OVERHEAD: usize = HEADER + CODE;

    pub(crate) fn new(ring: &KeyRing, purpose: Purpose) -> Self {
        Self(Subkeys::new(ring, purpose, |key| match Hmac::new_from_slice(key.as_slice()) {
            Ok(key) => key,
            Err(_) => unreachable!("keys of every length can sign"),
        }))
    }

    /// Signs the contents of `bytes`, before which [`PREFIX`](Self::PREFIX) bytes are to be filled here.
    pub(crate) fn sign(&self, cookie: &str, bytes: &mut Vec<u8>) {
        let key = self.0.first(bytes);
        let code = coded(key, cookie, bytes).finalize();
        bytes.extend_from_slice(&code.into_bytes());
    }

    /// Where the contents of signed bytes stand; the code is compared in constant time.
    pub(crate) fn verify(&self, cookie: &str, bytes: &[u8]) -> Result<Opened, Unopened> {
        let (signed, code) = bytes.split_last_chunk::<CODE>().ok_or(Unopened::Malformed)?;
        let header = signed.first_chunk().ok_or(Unopened::Malformed)?;
        let (key, is_stale) = self.0.find(*header)?;
        coded(key, cookie, signed).verify_slice(code).map_err(|_| Unopened::Forged)?;
        Ok(Opened { contents: HEADER..signed.len(), is_stale })
    }
}

fn coded(key: &Hmac<Sha256>, cookie: &str, signed: &[u8]) -> Hmac<Sha256> {
    let length = cookie.len() as u64;
    key.clone().chain_update(length.to_le_bytes()).chain_update(cookie).chain_update(signed)
}
