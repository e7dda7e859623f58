//! How a field's value becomes bytes.

#[cfg(feature = "bincode")]
mod bincode;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "message_pack")]
mod message_pack;
mod missing;

use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(feature = "bincode")]
pub use bincode::Bincode;
#[cfg(feature = "json")]
pub use json::Json;
#[cfg(feature = "message_pack")]
pub use message_pack::MessagePack;

pub use crate::error::{DecodeError, EncodeError};

#[cfg(feature = "bincode")]
use bincode::Bincode as BincodeReader;
#[cfg(feature = "json")]
use json::Json as JsonReader;
#[cfg(feature = "message_pack")]
use message_pack::MessagePack as MessagePackReader;
#[cfg(not(feature = "bincode"))]
use missing::MissingBincode as BincodeReader;
#[cfg(not(feature = "json"))]
use missing::MissingJson as JsonReader;
#[cfg(not(feature = "message_pack"))]
use missing::MissingMessagePack as MessagePackReader;

/// Turns values into bytes and back.
///
/// A stored value tells its format by its first byte, so a schema can change its serializer while sessions in the old format live on: all
/// formats are read, the schema's own is written. `#[session(serializer = …)]` names one for a schema or a field.
///
/// ```
/// # use session_runtime::{DecodeError, EncodeError, Serializer, Tag};
/// # use serde::{Serialize, de::DeserializeOwned};
/// /// JSON with every byte inverted.
/// struct Inverted;
///
/// impl Serializer for Inverted {
///     const TAG: Tag = Tag::custom(0x80);
///
///     fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
///         let json = serde_json::to_vec(value).map_err(EncodeError::new)?;
///         out.extend(json.iter().map(|byte| !byte));
///         Ok(())
///     }
///
///     fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
///         let json: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
///         serde_json::from_slice(&json).map_err(DecodeError::new)
///     }
/// }
/// ```
pub trait Serializer: 'static {
    /// The first byte of every value that this serializer writes.
    const TAG: Tag;

    /// Appends the value's bytes, without the tag.
    ///
    /// # Errors
    ///
    /// Where the format cannot express the value.
    fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Reads a value of exactly these bytes, the tag removed.
    ///
    /// # Errors
    ///
    /// Where the bytes are not a `T`, or more than one.
    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError>;
}

/// The first byte of a stored value, which tells its format.
///
/// ```text
/// 0x01 Bincode   0x02 MessagePack   0x80–0xff serializers of your own
/// 0x1e a value with a time of its own (`ttl`)   0x1f a sealed one (`sealed`)
/// what starts like JSON text is JSON and has no tag
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tag(Option<u8>);

impl Tag {
    pub(crate) const BINCODE: Self = Self(Some(0x01));
    pub(crate) const MESSAGE_PACK: Self = Self(Some(0x02));

    /// The tag of a serializer of your own.
    ///
    /// # Panics
    ///
    /// If `byte` is less than 0x80; in a constant, that is a compile error.
    pub const fn custom(byte: u8) -> Self {
        assert!(byte >= 0x80, "the tags of custom serializers are 0x80 to 0xff");
        Self(Some(byte))
    }
}

/// Appends the tagged value.
pub(crate) fn encode<S: Serializer, T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend(S::TAG.0);
    S::encode(value, out)
}

/// Reads a value in the schema's format, or in any other that this program knows.
pub(crate) fn decode<S: Serializer, T: DeserializeOwned>(stored: &[u8]) -> Result<T, DecodeError> {
    let Some((&tag, tagged)) = stored.split_first() else {
        return Err(DecodeError::new("the stored value is empty"));
    };
    match Tag(Some(tag)) {
        own if own == S::TAG => S::decode(tagged),
        Tag::BINCODE => BincodeReader::decode(tagged),
        Tag::MESSAGE_PACK => MessagePackReader::decode(tagged),
        _ if starts_json(tag) => JsonReader::decode(stored),
        _ => Err(DecodeError::new(format!("no serializer here reads the format {tag:#04x}"))),
    }
}

fn starts_json(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9' | b' ' | b'\n' | b'\r' | b'\t')
}
