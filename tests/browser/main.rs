//! The `login` example in a real browser, over `http://localhost`: what only a browser can say about a cookie.
//!
//! `cargo xtask test` installs Chromium and its driver where it may; without them these tests fail.

mod browser;
mod process;
mod server;

mod cookie;
mod keys;
mod sign_in;
