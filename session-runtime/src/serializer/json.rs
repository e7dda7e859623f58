//! JSON: readable in every store.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::{DecodeError, EncodeError, Serializer, Tag};

/// Keeps values as JSON text: readable in any store's own tools, and tolerant of structs that gain or lose fields.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Serializer for Json {
    const TAG: Tag = Tag(None);

    fn encode<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        // Serde's text may quote the value.
        serde_json::to_writer(out, value).map_err(|_| {
            EncodeError::new("the value cannot be written as JSON; the keys of a map must be text or numbers")
        })
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
        serde_json::from_slice(bytes).map_err(|error| DecodeError::new(place(&error)))
    }
}

/// Where and what, without the text, which may quote the value.
fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Io | Category::Eof => "the text is cut short",
        Category::Syntax => "the text is not JSON",
        Category::Data => "the value has another type",
    };
    format!("{what}, at line {} column {}", error.line(), error.column())
}
