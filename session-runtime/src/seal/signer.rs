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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Key;

    fn signed(cookie: &str, contents: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; Signer::PREFIX];
        bytes.extend_from_slice(contents);
        signer().sign(cookie, &mut bytes);
        bytes
    }

    fn signer() -> Signer {
        Signer::new(&Key::from_bytes([7; 32]).expect("a key").into(), Purpose::SignedCookie)
    }

    #[test]
    fn s33_where_the_name_ends_and_the_contents_begin_is_signed_too() {
        let bytes = signed("id", b"contents");
        assert_eq!(&bytes[signer().verify("id", &bytes).expect("its own place").contents], b"contents");
        for cookie in ["", "i", "id\u{1}", "ID", "id2"] {
            assert_eq!(signer().verify(cookie, &bytes), Err(Unopened::Forged), "{cookie:?}");
        }
    }

    #[test]
    fn t70_whatever_is_too_short_is_malformed() {
        for length in 0..Signer::OVERHEAD {
            assert_eq!(signer().verify("id", &vec![1; length]), Err(Unopened::Malformed), "{length}");
        }
        assert!(signer().verify("id", &signed("id", b"")).is_ok());
    }
}
