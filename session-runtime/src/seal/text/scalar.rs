//! Byte by byte, for processors whose vector instructions nobody uses yet.

pub(super) use base64::engine::general_purpose::URL_SAFE_NO_PAD as ENGINE;
