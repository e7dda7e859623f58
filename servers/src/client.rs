//! Gives orders to a server over the socket in its directory, so that whoever answers is that server, with or without TLS.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::Path,
};

use crate::wait::PATIENCE;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A value, or a word such as `OK`.
    Text(Vec<u8>),
    /// A number.
    Number(i64),
    /// Several answers.
    List(Vec<Answer>),
    /// There is none.
    Nothing,
}

impl Answer {
    /// It as a text: a number's digits, nothing of a list or of nothing.
    pub fn text(&self) -> String {
        match self {
            Self::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Number(number) => number.to_string(),
            Self::List(_) | Self::Nothing => String::new(),
        }
    }

    /// What is in a list; nothing of anything else.
    pub fn list(&self) -> &[Answer] {
        if let Self::List(list) = self { list } else { &[] }
    }

    /// What is in a list, as texts.
    pub fn texts(&self) -> Vec<String> {
        self.list().iter().map(Self::text).collect()
    }
}

/// A connection to one server, for what takes more than one order, as `MULTI` and `WAIT` do.
#[derive(Debug)]
pub struct Connection(BufReader<UnixStream>);

impl Connection {
    pub(crate) fn open(socket: &Path, password: Option<&str>) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut connection = Self(BufReader::new(stream));
        if let Some(password) = password {
            connection.command(&["AUTH", password])?;
        }
        Ok(connection)
    }

    /// Gives an order and reads the answer.
    ///
    /// # Errors
    ///
    /// If the server refuses, or is gone.
    pub fn command(&mut self, words: &[&str]) -> io::Result<Answer> {
        let stream = self.0.get_mut();
        write!(stream, "*{}\r\n", words.len())?;
        words.iter().try_for_each(|word| write!(stream, "${}\r\n{word}\r\n", word.len()))?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let line = self.line()?;
        let (kind, rest) = line.split_at_checked(1).ok_or_else(|| wrong(&line))?;
        match kind {
            "+" => Ok(Answer::Text(rest.as_bytes().to_vec())),
            "-" => Err(io::Error::other(rest.to_owned())),
            ":" => rest.parse().map(Answer::Number).map_err(|_| wrong(&line)),
            "$" | "*" if rest == "-1" => Ok(Answer::Nothing),
            "$" => self.bytes(rest.parse().map_err(|_| wrong(&line))?).map(Answer::Text),
            "*" => {
                let count: usize = rest.parse().map_err(|_| wrong(&line))?;
                (0..count).map(|_| self.answer()).collect::<io::Result<_>>().map(Answer::List)
            }
            _ => Err(wrong(&line)),
        }
    }

    /// A line without its end.
    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line)?;
        let line = line.strip_suffix(b"\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(String::from_utf8_lossy(line).into_owned())
    }

    /// So many bytes, and the end of the line after them.
    fn bytes(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length + 2];
        self.0.read_exact(&mut bytes)?;
        bytes.truncate(length);
        Ok(bytes)
    }
}

fn wrong(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the server answered `{line}`"))
}

/// Sees every command that a server runs, from [`Redis::monitor`](crate::Redis::monitor) on.
#[derive(Debug)]
pub struct Monitor {
    watching: Connection,
    marking: Connection,
}

impl Monitor {
    pub(crate) fn new(mut watching: Connection, marking: Connection) -> io::Result<Self> {
        watching.command(&["MONITOR"])?;
        Ok(Self { watching, marking })
    }

    /// The commands that ran since the last call and before this one, as `MONITOR` shows them:
    /// `1735689600.123456 [0 127.0.0.1:40000] "GET" "name"`, with `lua` for the address of what a script calls.
    ///
    /// # Errors
    ///
    /// If the server is gone.
    pub fn seen(&mut self) -> io::Result<Vec<String>> {
        const MARK: &str = "seen until here";
        self.marking.command(&["ECHO", MARK])?;
        let mut seen = Vec::new();
        loop {
            let line = self.watching.answer()?.text();
            if line.contains(MARK) {
                return Ok(seen);
            }
            seen.push(line);
        }
    }
}
