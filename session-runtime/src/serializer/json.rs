//! JSON: readable in every store.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DecodeError, EncodeError, Serializer, Tag};

/// Keeps values as JSON text: readable in any store's own tools, and tolerant of structs that gain or lose fields.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Serializer for Json {
    const TAG: Tag = Tag::JSON;

    fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        serde_json::to_writer(out, value).map_err(EncodeError::new)
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
        serde_json::from_slice(bytes).map_err(DecodeError::new)
    }
}
