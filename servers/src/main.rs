//! Starts one server, prints its URL, and keeps it until this program is ended, in whatever way.

use std::{io, thread};

use session_servers::Redis;

fn main() -> io::Result<()> {
    let redis = Redis::start()?;
    println!("{}", redis.url());
    loop {
        thread::park();
    }
}
