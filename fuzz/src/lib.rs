//! What is promised whatever the bytes: one function per way in, for libFuzzer to drive and for the tests to replay.
//!
//! Each takes any bytes and panics only if a promise is broken. `cargo xtask fuzz` drives them; `fuzz/corpus` holds where they start from,
//! which `cargo run --package session-fuzz --example seeds` writes.
//!
//! They are to be called one at a time, because they look at what the whole process allocates.

mod bincode;
mod cookie_header;
mod field_envelope;
mod json;
mod message_pack;
mod record_buffer;
mod sealed_token;
mod signed_token;

mod client_side;
mod envelopes;
mod memory;
mod payloads;
mod site;
mod tokens;
mod values;
mod vault;

pub use bincode::bincode;
pub use cookie_header::cookie_header;
pub use field_envelope::field_envelope;
pub use json::json;
pub use message_pack::message_pack;
pub use record_buffer::record_buffer;
pub use sealed_token::sealed_token;
pub use signed_token::signed_token;

/// A way in.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called, among the targets of libFuzzer and in the corpus.
    pub name: &'static str,
    /// Panics if these bytes break a promise.
    pub run: fn(&[u8]),
    /// What to start from.
    pub seeds: fn() -> Vec<Seed>,
}

/// A file of the corpus: its name, and its bytes.
pub type Seed = (&'static str, Vec<u8>);

/// All of them.
pub const TARGETS: [Target; 8] = [
    Target { name: "cookie_header", run: cookie_header, seeds: cookie_header::seeds },
    Target { name: "sealed_token", run: sealed_token, seeds: sealed_token::seeds },
    Target { name: "signed_token", run: signed_token, seeds: signed_token::seeds },
    Target { name: "record_buffer", run: record_buffer, seeds: record_buffer::seeds },
    Target { name: "field_envelope", run: field_envelope, seeds: field_envelope::seeds },
    Target { name: "json", run: json, seeds: json::seeds },
    Target { name: "bincode", run: bincode, seeds: bincode::seeds },
    Target { name: "message_pack", run: message_pack, seeds: message_pack::seeds },
];
