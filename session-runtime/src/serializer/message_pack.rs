//! `MessagePack`: binary, with the names of struct fields.

mod length;

use rmp_serde::decode::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DecodeError, EncodeError, Serializer, Tag};

/// Keeps values as `MessagePack`, structs as maps: binary and small, and tolerant of structs that gain or lose fields.
#[derive(Clone, Copy, Debug)]
pub struct MessagePack;

/// As deep as JSON may be here: deeper values could overflow the stack.
const MAX_DEPTH: usize = 128;

impl Serializer for MessagePack {
    const TAG: Tag = Tag::MESSAGE_PACK;

    fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
        // Serde's text may quote the value.
        value.serialize(&mut serializer).map_err(|_| EncodeError::new("the value cannot be written as MessagePack"))
    }

    fn decode<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<T, DecodeError> {
        if !length::fits(bytes) {
            return Err(DecodeError::new("the bytes are cut short"));
        }
        let mut deserializer = rmp_serde::Deserializer::new(&mut bytes);
        deserializer.set_max_depth(MAX_DEPTH);
        let value = T::deserialize(&mut deserializer).map_err(|error| unquoted(&error))?;
        if bytes.is_empty() {
            Ok(value)
        } else {
            Err(DecodeError::new(format!("{} bytes follow the value", bytes.len())))
        }
    }
}

/// The kind of the error: its own text may quote the value.
fn unquoted(error: &Error) -> DecodeError {
    DecodeError::new(match error {
        Error::InvalidMarkerRead(_) | Error::InvalidDataRead(_) => "the bytes are cut short",
        Error::DepthLimitExceeded => "the value is nested too deeply",
        _ => "the value has another type",
    })
}
