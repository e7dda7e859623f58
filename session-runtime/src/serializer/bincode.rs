//! Bincode: small, fast, positional.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::serde::{decode_from_slice, encode_into_writer};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DecodeError, EncodeError, Serializer, Tag};
use crate::record::Record;

/// Keeps values as Bincode: the smallest and fastest format here, for types that never change.
///
/// Bincode is positional: an enum may only grow at its end, and neither the order of a struct's fields nor the type of a number may change.
/// A type that contains itself (`struct Tree(Vec<Tree>)`) is not for this format: it puts no limit on the depth of what it reads. Its crate, version 2, is no longer maintained. For data that evolves prefer `MessagePack`, which is nearly as small.
#[derive(Clone, Copy, Debug)]
pub struct Bincode;

/// Small numbers in one byte; no allocation beyond the largest value that a record holds.
const CONFIG: Configuration<LittleEndian, Varint, Limit<{ Record::MAX_VALUE }>> =
    bincode::config::standard().with_limit::<{ Record::MAX_VALUE }>();

impl Serializer for Bincode {
    const TAG: Tag = Tag::BINCODE;

    fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        // Serde's text may quote the value.
        encode_into_writer(value, Appending(out), CONFIG)
            .map_err(|_| EncodeError::new("the value cannot be written as Bincode"))
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
        match decode_from_slice(bytes, CONFIG) {
            Ok((value, read)) if read == bytes.len() => Ok(value),
            Ok((_, read)) => Err(DecodeError::new(format!("{} bytes follow the value", bytes.len() - read))),
            // The error's own text may quote the value.
            Err(bincode::error::DecodeError::UnexpectedEnd { .. }) => Err(DecodeError::new("the bytes are cut short")),
            Err(bincode::error::DecodeError::LimitExceeded) => Err(DecodeError::new("the value is too large")),
            Err(_) => Err(DecodeError::new("the value has another type")),
        }
    }
}

/// Writes behind what is there, without a buffer in between.
struct Appending<'a>(&'a mut Vec<u8>);

impl bincode::enc::write::Writer for Appending<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), bincode::error::EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}
