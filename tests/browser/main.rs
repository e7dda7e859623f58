//! The examples `login` and `devices` in a real browser, over `http://localhost`: what only a browser can say about a cookie, and about a form that
//! comes from elsewhere.
//!
//! `cargo xtask test` installs Chromium and its driver where it may; without them these tests fail.

mod browser;
mod process;
mod server;

mod cookie;
mod devices;
mod forgery;
mod keys;
mod sign_in;
