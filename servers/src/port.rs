//! Ports that nobody listens on.

use std::{
    hash::{BuildHasher, RandomState},
    io,
    net::{Ipv4Addr, TcpListener},
};

/// Below the ports that systems hand out to outgoing connections: one of those could take a server's while it is being restarted.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;
/// So many that are taken in a row mean that something else is wrong.
const TRIES: usize = 100;
/// How often a server is started whose port was taken meanwhile.
const STARTS: usize = 10;

/// Starts a server on a free port, and on another if somebody was faster to take that.
pub(crate) fn first_free<T>(start: impl Fn(u16) -> io::Result<T>) -> io::Result<T> {
    let mut others = 1..STARTS;
    loop {
        match start(free()?) {
            Err(error) if error.to_string().contains("Address already in use") && others.next().is_some() => {}
            result => return result,
        }
    }
}

/// A port of 127.0.0.1 that is free now. Another process may be faster to use it: whoever cannot bind it tries another.
pub(crate) fn free() -> io::Result<u16> {
    let mut last = None;
    for _ in 0..TRIES {
        let port = FIRST + random();
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

/// Each [`RandomState`] hashes in its own way.
fn random() -> u16 {
    let random = RandomState::new().hash_one(()) % u64::from(COUNT);
    u16::try_from(random).expect("less than `COUNT`")
}
