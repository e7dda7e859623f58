//! Tokens made from the documentation of their formats, by none of the code that reads them.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use session_runtime::Key;
use sha2::Sha256;

/// The name of the cookie that they are for: the default of a layer.
pub(crate) const COOKIE: &str = "__Host-id";

const SECRET: &[u8] = b"a key that is anything but secret";
const VERSION: u8 = 1;
/// Always the same, so that the corpus is: nothing here is a secret.
const NONCE: [u8; 24] = *b"used more than only once";

/// The key that all of them are made with.
pub(crate) fn key() -> Key {
    Key::from_bytes(SECRET).expect("long enough to be a key")
}

/// `version ‖ key id ‖ nonce ‖ ciphertext ‖ tag`, sealed for the version and the cookie's name.
pub(crate) fn sealed(payload: &[u8]) -> Vec<u8> {
    static CIPHER: LazyLock<XChaCha20Poly1305> =
        LazyLock::new(|| XChaCha20Poly1305::new(&subkey::<32>("sealed-cookie").into()));
    let mut token = header();
    token.extend_from_slice(&NONCE);
    let start = token.len();
    token.extend_from_slice(payload);
    let place = [&[VERSION], COOKIE.as_bytes()].concat();
    let sealed = CIPHER.encrypt_inout_detached(&XNonce::from(NONCE), &place, token[start..].as_mut().into());
    token.extend_from_slice(&sealed.expect("short enough to be sealed"));
    token
}

/// `version ‖ key id ‖ payload ‖ code`: a session that everybody can read.
pub(crate) fn signed_session(payload: &[u8]) -> Vec<u8> {
    static CODE: LazyLock<Hmac<Sha256>> = LazyLock::new(|| coder("signed-cookie"));
    signed(&CODE, payload)
}

/// `version ‖ key id ‖ id ‖ code`: the id of a session in a store.
pub(crate) fn signed_id(id: &[u8]) -> Vec<u8> {
    static CODE: LazyLock<Hmac<Sha256>> = LazyLock::new(|| coder("signed-id"));
    signed(&CODE, id)
}

/// As a cookie holds it.
pub(crate) fn text(token: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(token)
}

/// The bytes of base64url text.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn signed(code: &Hmac<Sha256>, contents: &[u8]) -> Vec<u8> {
    let mut token = header();
    token.extend_from_slice(contents);
    let length = COOKIE.len() as u64;
    let code = code.clone().chain_update(length.to_le_bytes()).chain_update(COOKIE).chain_update(&token);
    token.extend_from_slice(&code.finalize().into_bytes());
    token
}

fn header() -> Vec<u8> {
    static KEY_ID: LazyLock<[u8; 4]> = LazyLock::new(|| subkey("key-id"));
    [&[VERSION], KEY_ID.as_slice()].concat()
}

fn coder(label: &str) -> Hmac<Sha256> {
    Hmac::new_from_slice(&subkey::<32>(label)).expect("keys of every length can sign")
}

/// HKDF-SHA-256 (RFC 5869).
fn subkey<const N: usize>(label: &str) -> [u8; N] {
    let mut subkey = [0; N];
    let info = ["session-runtime v1 ", label].concat();
    let expanded = Hkdf::<Sha256>::new(Some(b"session-runtime"), SECRET).expand(info.as_bytes(), &mut subkey);
    expanded.expect("short enough to be expanded");
    subkey
}
