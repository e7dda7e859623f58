//! The keys of an application: one that makes, others that still open.

use std::fmt;

use zeroize::Zeroizing;

use super::{HEADER, Key, KeyId, VERSION};

/// The keys of an application: one that seals and signs, others whose work still opens, and those whose work never opens again.
///
/// To change keys, make a new one the first and keep the old one with [`opens`](Self::opens) for as long as the longest session lives. Nobody
/// is signed out: what an old key made is made anew by the first when it is next written, a sealed field when it is next set. A key that leaked is dropped, or named with
/// [`revokes`](Self::revokes). Where several servers change keys one after the other, all of them open the new key before the first one seals with
/// it. What no key of a ring opens is no session, and a `tracing` event at `DEBUG` that names the key.
///
/// ```
/// use session_runtime::{Key, KeyError, KeyRing};
///
/// # fn main() -> Result<(), KeyError> {
/// # let (new, old) = (Key::generate()?, Key::generate()?);
/// let keys = KeyRing::new(new).opens(old).revokes("5f3a9c01".parse()?);
/// # let _ = keys;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a key ring does nothing until a store or a layer is built with it"]
pub struct KeyRing {
    keys: Vec<Key>,
    revoked: Vec<KeyId>,
}

impl KeyRing {
    /// A ring of one key.
    pub fn new(key: Key) -> Self {
        Self { keys: vec![key], revoked: Vec::new() }
    }

    /// Opens what this key made, too.
    pub fn opens(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// Opens nothing that the key of this name made, even if it is among the others: it leaked, and nobody shall put it back.
    ///
    /// # Panics
    ///
    /// If it is the key that seals.
    #[track_caller]
    pub fn revokes(mut self, id: KeyId) -> Self {
        assert!(
            self.keys.first().is_none_or(|key| key.id() != id),
            "the key {id} is revoked and cannot seal: make another one the first of the ring"
        );
        self.revoked.push(id);
        self
    }
}

impl From<Key> for KeyRing {
    fn from(key: Key) -> Self {
        Self::new(key)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.keys).field("revoked", &self.revoked).finish()
    }
}

/// What a subkey is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    SealedCookie,
    SignedCookie,
    SignedId,
    SealedField,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::SealedCookie => "sealed-cookie",
            Self::SignedCookie => "signed-cookie",
            Self::SignedId => "signed-id",
            Self::SealedField => "sealed-field",
        }
    }
}

/// Why bytes were not opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unopened {
    /// They are too short, or of another version.
    Malformed,
    /// No key of the ring has this name.
    UnknownKey(KeyId),
    /// The key is revoked.
    Revoked(KeyId),
    /// That key did not make them, not of these contents, or not for this place.
    Forged,
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("it is cut short, or of another version"),
            Self::UnknownKey(id) => write!(f, "no key of the ring is {id}"),
            Self::Revoked(id) => write!(f, "the key {id} is revoked"),
            Self::Forged => f.write_str("it was changed, or made for another place"),
        }
    }
}

impl std::error::Error for Unopened {}

/// The subkeys of a ring for one purpose, the one that makes first.
pub(super) struct Subkeys<K> {
    keys: Box<[(KeyId, K)]>,
    revoked: Box<[KeyId]>,
}

impl<K> Subkeys<K> {
    pub(super) fn new(ring: &KeyRing, purpose: Purpose, prepare: impl Fn(Zeroizing<[u8; 32]>) -> K) -> Self {
        let keys = ring.keys.iter().map(|key| (key.id(), prepare(key.subkey(purpose.label()))));
        Self { keys: keys.collect(), revoked: ring.revoked.clone().into() }
    }

    /// The key that makes; its header goes into the first bytes of what it makes.
    pub(super) fn first(&self, header: &mut [u8]) -> &K {
        let (id, key) = &self.keys[0];
        header[0] = VERSION;
        header[1..HEADER].copy_from_slice(id.as_bytes());
        key
    }

    /// The one key that can open what begins with this header, and whether it is not the first any more.
    pub(super) fn find(&self, header: [u8; HEADER]) -> Result<(&K, bool), Unopened> {
        let [VERSION, id @ ..] = header else {
            return Err(Unopened::Malformed);
        };
        let id = KeyId::from_bytes(id);
        if self.revoked.contains(&id) {
            return Err(Unopened::Revoked(id));
        }
        let place = self.keys.iter().position(|(known, _)| *known == id).ok_or(Unopened::UnknownKey(id))?;
        Ok((&self.keys[place].1, place > 0))
    }
}

/// Where the contents stand in what was opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Opened {
    pub(crate) contents: std::ops::Range<usize>,
    /// Whether the ring makes such with another key now.
    pub(crate) is_stale: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::from_bytes([byte; 32]).expect("a key")
    }

    fn subkeys(ring: &KeyRing) -> Subkeys<Zeroizing<[u8; 32]>> {
        Subkeys::new(ring, Purpose::SealedCookie, |key| key)
    }

    fn header(version: u8, key: &Key) -> [u8; HEADER] {
        let [a, b, c, d] = *key.id().as_bytes();
        [version, a, b, c, d]
    }

    #[test]
    fn t47_the_first_key_makes_and_what_another_made_is_stale() {
        let ring = KeyRing::new(key(1)).opens(key(2)).opens(key(1));
        let subkeys = subkeys(&ring);
        let mut made = [0; HEADER];
        subkeys.first(&mut made);
        assert_eq!(made, header(VERSION, &key(1)));
        assert!(matches!(subkeys.find(made), Ok((_, false))));
        assert!(matches!(subkeys.find(header(VERSION, &key(2))), Ok((_, true))));
    }

    #[test]
    fn s34_what_no_key_of_the_ring_opens_is_told_apart() {
        let subkeys = subkeys(&KeyRing::new(key(1)).opens(key(2)).revokes(key(2).id()).revokes(key(3).id()));
        let why = |header| subkeys.find(header).err();
        assert_eq!(why(header(VERSION, &key(2))), Some(Unopened::Revoked(key(2).id())));
        assert_eq!(why(header(VERSION, &key(3))), Some(Unopened::Revoked(key(3).id())));
        assert_eq!(why(header(VERSION, &key(4))), Some(Unopened::UnknownKey(key(4).id())));
        for version in (0..=u8::MAX).filter(|version| *version != VERSION) {
            assert_eq!(why(header(version, &key(1))), Some(Unopened::Malformed));
        }
    }
}
