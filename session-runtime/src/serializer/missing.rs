//! What reads a format whose feature is off: nothing. The bytes stay as they are until the field is written.

use super::DecodeError;

macro_rules! missing {
    ($($reader:ident, $feature:literal;)*) => {$(
        #[allow(dead_code, reason = "used where the feature is off")]
        pub(super) struct $reader;

        #[allow(dead_code, reason = "used where the feature is off")]
        impl $reader {
            pub(super) fn decode<T>(_: &[u8]) -> Result<T, DecodeError> {
                Err(DecodeError::new(concat!("the feature `", $feature, "` of `session-runtime` is off")))
            }
        }
    )*};
}

missing! {
    MissingJson, "json";
    MissingBincode, "bincode";
    MissingMessagePack, "message_pack";
}
