//! Tokens, and what else is sealed, made from the documentation of their formats, by none of the code that reads them.

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
    static CIPHER: LazyLock<XChaCha20Poly1305> = LazyLock::new(|| cipher("sealed-cookie"));
    seal(&CIPHER, &[&[VERSION], COOKIE.as_bytes()].concat(), payload)
}

/// The same bytes for a field, sealed for the version, one of the record's bindings and the field's name.
pub(crate) fn sealed_value(binding: &[u8], name: &str, contents: &[u8]) -> Vec<u8> {
    seal(&FIELDS, &[&[VERSION], binding, name.as_bytes()].concat(), contents)
}

/// What is in those, if the key sealed them for that place.
pub(crate) fn opened_value(binding: &[u8], name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.strip_prefix(&*header())?.split_first_chunk::<24>()?;
    let (ciphertext, tag) = rest.split_last_chunk::<16>()?;
    let mut contents = ciphertext.to_vec();
    let place = [&[VERSION], binding, name.as_bytes()].concat();
    let nonce = XNonce::from(*nonce);
    let opened = FIELDS.decrypt_inout_detached(&nonce, &place, contents.as_mut_slice().into(), &(*tag).into());
    opened.ok().map(|()| contents)
}

static FIELDS: LazyLock<XChaCha20Poly1305> = LazyLock::new(|| cipher("sealed-field"));

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

fn seal(cipher: &XChaCha20Poly1305, place: &[u8], contents: &[u8]) -> Vec<u8> {
    let mut sealed = header();
    sealed.extend_from_slice(&NONCE);
    let start = sealed.len();
    sealed.extend_from_slice(contents);
    let tag = cipher.encrypt_inout_detached(&XNonce::from(NONCE), place, sealed[start..].as_mut().into());
    sealed.extend_from_slice(&tag.expect("short enough to be sealed"));
    sealed
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

fn cipher(label: &str) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&subkey::<32>(label).into())
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
