//! A proxy between a store and its server, which does to connections what networks do.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What becomes of the connections that there are and those that are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing.
    None,
    /// One is reset after so many more bytes of answers, the others work. None of the answers' bytes, and it is swallowed.
    CutOnce(usize),
    /// As soon as the server answers on one, it is reset after so many bytes.
    CutEvery(usize),
    /// None of them takes or gives anything any more, though they stay; new ones work.
    Hang,
    /// What is asked on those that there are reaches the server later, when another fault is set, though its client may be gone; new ones work.
    Hold,
}

/// A proxy to a server; it ends with the value.
pub struct Proxy {
    port: u16,
    fault: Arc<Mutex<Faulty>>,
    /// Tells that another fault was set.
    turned: Arc<Notify>,
    accepting: JoinHandle<()>,
}

/// What is to happen, and since when.
#[derive(Clone, Copy)]
struct Faulty {
    fault: Fault,
    /// The port to which connections lead that are made.
    server: u16,
    /// Counts the connections.
    made: u64,
    /// Connections up to this one hang.
    hung: u64,
    /// What is asked on connections up to this one is held up.
    held: u64,
    /// How many answers there were to what was held up.
    late: u64,
}

impl Proxy {
    /// A proxy to the server at this port of this machine.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let fault = Faulty { fault: Fault::None, server, made: 0, hung: 0, held: 0, late: 0 };
        let (fault, turned) = (Arc::new(Mutex::new(fault)), Arc::new(Notify::new()));
        let accepting = tokio::spawn(accept(listener, fault.clone(), turned.clone()));
        Self { port, fault, turned, accepting }
    }

    /// Where a client finds the server of this URL, by way of this.
    pub fn instead_of(&self, url: &str) -> String {
        let server = self.fault.lock().expect("not poisoned").server;
        url.replace(&format!(":{server}"), &format!(":{}", self.port))
    }

    /// From now on this happens.
    pub fn set(&self, fault: Fault) {
        let mut faulty = self.fault.lock().expect("not poisoned");
        faulty.fault = fault;
        faulty.held = if fault == Fault::Hold { faulty.made } else { 0 };
        if fault == Fault::Hang {
            faulty.hung = faulty.made;
        }
        self.turned.notify_waiters();
    }

    /// From now on connections that are made lead to this port; those that there are stay.
    pub fn lead_to(&self, server: u16) {
        self.fault.lock().expect("not poisoned").server = server;
    }

    /// Whether a connection is still to be cut.
    pub fn is_armed(&self) -> bool {
        matches!(self.fault.lock().expect("not poisoned").fault, Fault::CutOnce(_))
    }

    /// How many answers there were to what was held up.
    pub fn late(&self) -> u64 {
        self.fault.lock().expect("not poisoned").late
    }

    /// How many connections were made.
    pub fn made(&self) -> u64 {
        self.fault.lock().expect("not poisoned").made
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, fault: Arc<Mutex<Faulty>>, turned: Arc<Notify>) {
    while let Ok((client, _)) = listener.accept().await {
        let Faulty { made: number, server, .. } = {
            let mut faulty = fault.lock().expect("not poisoned");
            faulty.made += 1;
            *faulty
        };
        // Where the server is gone, so is the connection.
        if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
            let (fault, turned) = (fault.clone(), turned.clone());
            tokio::spawn(pass(client, server, Passing { number, passed: 0, was_held: Arc::default(), fault, turned }));
        }
    }
}

/// Passes on what either side sends until one of them, or the proxy, ends the connection.
async fn pass(client: TcpStream, server: TcpStream, mut passing: Passing) {
    let _ = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
    let _ = client.set_zero_linger();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = passing.clone();
    // A side that is gone is how a connection ends.
    let _ = tokio::select! {
        end = requests(&mut from_client, &mut to_server, &asking) => end,
        end = answers(&mut from_server, &mut to_client, &mut passing) => end,
    };
}

async fn requests(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, passing: &Passing) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // Who is gone asks nothing more; what was asked is still answered.
        let length = from.read(&mut buffer).await.unwrap_or(0);
        if length == 0 {
            to.shutdown().await?;
            return pending().await;
        }
        passing.let_go().await;
        if !passing.hangs() {
            to.write_all(&buffer[..length]).await?;
        }
    }
}

async fn answers(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, passing: &mut Passing) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        let passes = passing.of(length);
        to.write_all(&buffer[..passes.unwrap_or(length)]).await?;
        if length == 0 || passes.is_some() {
            return Ok(());
        }
    }
}

/// One connection's view of what is to happen.
#[derive(Clone)]
struct Passing {
    number: u64,
    /// Bytes of answers so far.
    passed: usize,
    was_held: Arc<AtomicBool>,
    fault: Arc<Mutex<Faulty>>,
    turned: Arc<Notify>,
}

impl Passing {
    fn hangs(&self) -> bool {
        self.number <= self.fault.lock().expect("not poisoned").hung
    }

    /// Waits for as long as what is asked is held up.
    async fn let_go(&self) {
        loop {
            let turned = self.turned.notified();
            if self.number > self.fault.lock().expect("not poisoned").held {
                return;
            }
            self.was_held.store(true, Ordering::SeqCst);
            turned.await;
        }
    }

    /// How many of so many bytes of an answer pass before the connection is cut, if it is.
    fn of(&mut self, length: usize) -> Option<usize> {
        let mut faulty = self.fault.lock().expect("not poisoned");
        faulty.late += u64::from(self.was_held.load(Ordering::SeqCst));
        let before = self.passed;
        self.passed += length;
        match faulty.fault {
            Fault::CutOnce(left) if left < length => {
                faulty.fault = Fault::None;
                Some(left)
            }
            Fault::CutOnce(left) => {
                faulty.fault = Fault::CutOnce(left - length);
                None
            }
            Fault::CutEvery(after) if self.passed > after => Some(after.saturating_sub(before)),
            Fault::CutEvery(_) | Fault::None | Fault::Hang | Fault::Hold => None,
        }
    }
}
