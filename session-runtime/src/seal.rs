//! Keys, and what they make: sealed bytes, which nobody else can read, and signed ones, which nobody else can make.

mod key;
mod ring;
mod sealer;
mod signer;
mod text;

pub use key::{Key, KeyError, KeyId};
pub use ring::KeyRing;

pub(crate) use ring::{Opened, Purpose, Unopened};
pub(crate) use sealer::Sealer;
pub(crate) use signer::Signer;
pub(crate) use text::{from_text, text_len, to_text};

/// The version of the formats below: the first byte of everything that is sealed or signed, and a part of every subkey's label.
const VERSION: u8 = 1;

/// `version ‖ key id`, with which everything begins.
const HEADER: usize = 1 + KeyId::LEN;
