//! One key, from wherever an application keeps its secrets.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::Chain;

/// A secret of 32 bytes or more, from which the keys for each purpose are derived.
///
/// ```sh
/// export SESSION_KEY=$(openssl rand -base64 32)
/// ```
///
/// ```
/// use session_runtime::{CookieStore, Key, KeyError, SessionLayer};
///
/// # fn main() -> Result<(), KeyError> {
/// # let text = "1oMFVmPDCpGQ7xKDW3JSSGXYnEfdJqhrxdpXzWcnhLc=";
/// # assert!(Key::from_env("A_VARIABLE_THAT_IS_NOT_SET").is_err());
/// # /*
/// let key = Key::from_env("SESSION_KEY")?;
/// # */
/// # let key = Key::from_base64(text)?;
/// let sessions = SessionLayer::new(CookieStore::new(key));
/// # let _ = sessions;
/// # Ok(())
/// # }
/// ```
///
/// Keep it where your other secrets are, never in the source. All servers of one application share it; whoever has it can make any session.
///
/// What is kept of it is its HKDF-SHA-256 extract with the salt `session-runtime` (RFC 5869), wiped from memory when it is dropped. Subkeys are
/// expanded from that with the labels `session-runtime v1 sealed-cookie`, `… signed-cookie`, `… signed-id` and `… sealed-field`, the
/// [`KeyId`] with `… key-id`: what is made for one purpose opens for no other.
#[derive(Clone)]
pub struct Key {
    extract: Zeroizing<[u8; 32]>,
    id: KeyId,
}

impl Key {
    /// The fewest bytes of a key.
    pub const MIN_LEN: usize = 32;

    /// A new key, from the operating system's random generator: for tests and trials, since what it seals ends with the process.
    ///
    /// # Errors
    ///
    /// [`is_random`](KeyError::is_random) where the operating system gives no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; Self::MIN_LEN]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|error| KeyError::new(Kind::Random(error.into())))?;
        Self::from_bytes(bytes.as_slice())
    }

    /// The key of these bytes, which must be random: a password is none.
    ///
    /// # Errors
    ///
    /// [`is_too_short`](KeyError::is_too_short) for fewer than [`MIN_LEN`](Self::MIN_LEN).
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let bytes = bytes.as_ref();
        if bytes.len() < Self::MIN_LEN {
            return Err(KeyError::new(Kind::TooShort { len: bytes.len() }));
        }
        let (extract, hkdf) = Hkdf::<Sha256>::extract(Some(SALT), bytes);
        Ok(Self { extract: Zeroizing::new(extract.into()), id: KeyId(expand(&hkdf, "key-id")) })
    }

    /// The key of this base64 text, in either alphabet, padded or not; line ends do not count, nor space around it.
    ///
    /// # Errors
    ///
    /// [`is_malformed`](KeyError::is_malformed) for other text, [`is_too_short`](KeyError::is_too_short) for fewer than 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        // Some tools break long lines.
        let text = Zeroizing::new(text.trim().replace(['\r', '\n'], ""));
        let alphabet = if text.contains(['-', '_']) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
        let any_padding = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let bytes = GeneralPurpose::new(alphabet, any_padding).decode(text.as_bytes()).map(Zeroizing::new);
        Self::from_bytes(bytes.map_err(|_| KeyError::new(Kind::Malformed { expected: "base64" }))?)
    }

    /// The key of these hexadecimal digits; space around them does not count.
    ///
    /// # Errors
    ///
    /// As [`from_base64`](Self::from_base64).
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = hex(text.trim()).map(Zeroizing::new);
        Self::from_bytes(bytes.ok_or_else(|| KeyError::new(Kind::Malformed { expected: "hexadecimal" }))?)
    }

    /// The key in this environment variable: hexadecimal if it holds nothing but such digits, else base64.
    ///
    /// # Errors
    ///
    /// [`is_missing`](KeyError::is_missing) if it is not set, or empty; as [`from_base64`](Self::from_base64) for what it holds.
    pub fn from_env(name: &str) -> Result<Self, KeyError> {
        let place = Place::Variable(name.to_owned());
        match std::env::var(name) {
            Ok(text) if text.trim().is_empty() => Err(KeyError::at(place, Kind::Missing)),
            Ok(text) => Self::from_text(&Zeroizing::new(text), place),
            Err(std::env::VarError::NotPresent) => Err(KeyError::at(place, Kind::Missing)),
            Err(std::env::VarError::NotUnicode(_)) => Err(KeyError::at(place, Kind::Malformed { expected: TEXT })),
        }
    }

    /// The key in this file, in the form that [`from_env`](Self::from_env) takes: a secret that is mounted into a container, say.
    ///
    /// # Errors
    ///
    /// [`is_missing`](KeyError::is_missing) if it is not there, [`is_unreadable`](KeyError::is_unreadable) if it is and cannot be read; as [`from_base64`](Self::from_base64) for what it holds.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let place = Place::File(path.as_ref().to_owned());
        match std::fs::read_to_string(path) {
            Ok(text) => Self::from_text(&Zeroizing::new(text), place),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(KeyError::at(place, Kind::Malformed { expected: TEXT }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KeyError::at(place, Kind::Missing)),
            Err(error) => Err(KeyError::at(place, Kind::Unreadable(error))),
        }
    }

    fn from_text(text: &str, place: Place) -> Result<Self, KeyError> {
        let digits = text.trim();
        let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let key = if is_hex { Self::from_hex(digits) } else { Self::from_base64(digits) };
        key.map_err(|error| match error.kind {
            Kind::Malformed { .. } => KeyError::at(place, Kind::Malformed { expected: TEXT }),
            kind => KeyError::at(place, kind),
        })
    }

    /// The name of this key: no secret.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// A key for one purpose.
    pub(super) fn subkey(&self, label: &str) -> Zeroizing<[u8; 32]> {
        let hkdf = Hkdf::from_prk(self.extract.as_slice());
        Zeroizing::new(
            hkdf.map_or_else(|_| unreachable!("an extract is as long as it must be"), |hkdf| expand(&hkdf, label)),
        )
    }
}

const SALT: &[u8] = b"session-runtime";
const TEXT: &str = "base64 or hexadecimal";

fn expand<const N: usize>(hkdf: &Hkdf<Sha256>, label: &str) -> [u8; N] {
    let mut output = [0; N];
    let info = [b"session-runtime v1 ", label.as_bytes()].concat();
    match hkdf.expand(&info, &mut output) {
        Ok(()) => output,
        Err(_) => unreachable!("a subkey is far shorter than what HKDF can make"),
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    // Of its final size at once: one that grows leaves parts of a key behind.
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        bytes.push(u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?);
    }
    Some(bytes)
}

impl PartialEq for Key {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.extract.as_slice().ct_eq(other.extract.as_slice()).into()
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, REDACTED)", self.id)
    }
}

/// The name of a [`Key`]: eight hexadecimal digits that follow from the key and tell nothing of it.
///
/// Everything that a key seals or signs carries it in the clear, so that opening tries one key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; Self::LEN]);

impl KeyId {
    pub(super) const LEN: usize = 4;

    pub(super) const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    /// Reads the eight digits that `Display` writes.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = hex(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| KeyError::new(Kind::NoId))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Why there is no key. Its text says how to make one, and nothing of what was read; so does its `Debug`, which is what a `main` that fails prints.
pub struct KeyError {
    place: Option<Place>,
    kind: Kind,
}

#[derive(Debug)]
enum Place {
    Variable(String),
    File(PathBuf),
}

#[derive(Debug)]
enum Kind {
    TooShort { len: usize },
    Malformed { expected: &'static str },
    NoId,
    Missing,
    Unreadable(io::Error),
    Random(Box<dyn Error + Send + Sync>),
}

impl KeyError {
    fn new(kind: Kind) -> Self {
        Self { place: None, kind }
    }

    fn at(place: Place, kind: Kind) -> Self {
        Self { place: Some(place), kind }
    }

    /// Whether there are fewer than [`Key::MIN_LEN`] bytes.
    pub fn is_too_short(&self) -> bool {
        matches!(self.kind, Kind::TooShort { .. })
    }

    /// Whether the text is not in the form that was asked for.
    pub fn is_malformed(&self) -> bool {
        matches!(self.kind, Kind::Malformed { .. } | Kind::NoId)
    }

    /// Whether the variable is not set, or the file is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self.kind, Kind::Missing)
    }

    /// Whether the file is there and cannot be read.
    pub fn is_unreadable(&self) -> bool {
        matches!(self.kind, Kind::Unreadable(_))
    }

    /// Whether the operating system gave no random bytes.
    pub fn is_random(&self) -> bool {
        matches!(self.kind, Kind::Random(_))
    }
}

impl fmt::Debug for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Chain(self))
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            None if matches!(self.kind, Kind::NoId) => {
                return f.write_str("a key id is eight hexadecimal digits, as `key.id()` shows them");
            }
            Some(Place::Variable(name)) => write!(f, "the session key in the variable `{name}` ")?,
            Some(Place::File(path)) => write!(f, "the session key in the file `{}` ", path.display())?,
            None => f.write_str("the session key ")?,
        }
        match &self.kind {
            Kind::TooShort { len } => write!(f, "has {len} bytes, at least {} are needed", Key::MIN_LEN)?,
            Kind::Malformed { expected } => write!(f, "is not {expected}")?,
            Kind::NoId | Kind::Missing => f.write_str("is not there")?,
            Kind::Unreadable(_) => f.write_str("cannot be read")?,
            Kind::Random(_) => return f.write_str("could not be made: the operating system gave no random bytes"),
        }
        f.write_str("; `openssl rand -base64 32` makes a key")
    }
}

impl Error for KeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Unreadable(source) => Some(source),
            Kind::Random(source) => Some(&**source),
            Kind::TooShort { .. } | Kind::Malformed { .. } | Kind::NoId | Kind::Missing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_pairs_of_digits_of_either_case() {
        assert_eq!(hex("00ffAb"), Some(vec![0, 0xff, 0xab]));
        assert_eq!(hex(""), Some(Vec::new()));
        for text in ["0", "00f", "0g", "+1", "0x", " 0", "é", "00\n"] {
            assert_eq!(hex(text), None, "{text:?}");
        }
    }

    #[test]
    fn s33_every_purpose_has_a_key_of_its_own() {
        let key = Key::from_bytes([7; 32]).expect("a key");
        let labels = ["sealed-cookie", "signed-cookie", "signed-id", "sealed-field", "key-id"];
        let subkeys = labels.map(|label| key.subkey(label));
        for (place, subkey) in subkeys.iter().enumerate() {
            assert!(!subkeys[..place].contains(subkey), "{}", labels[place]);
            assert_ne!(**subkey, [7; 32]);
        }
    }
}
