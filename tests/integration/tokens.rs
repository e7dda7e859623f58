//! The text of a cookie: made as documented, opened by its own key for its own place, and by nothing else.

mod bits;
mod places;
mod rings;
mod vectors;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_runtime::Key;

use session_tests::hex;

fn key() -> Key {
    Key::generate().expect("random bytes")
}

fn to_text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn from_text(text: impl AsRef<[u8]>) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// The key id that a token carries in the clear.
fn key_of(token: &str) -> String {
    hex(&from_text(token)[1..5])
}
