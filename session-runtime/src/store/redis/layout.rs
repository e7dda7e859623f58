//! A session as a hash: its entries under their own names, and what else there is to know under names that begin with `@`.

use std::sync::Arc;

use redis::Value;

use super::error::{kind_of, not_a_session, unknown};
use super::header::LARGEST;
use super::library::Request;
use super::packed::Packed;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::id::StoreKey;
use crate::record::Record;
use crate::seal::{from_text, to_text};
use crate::store::Loaded;

const VERSION: &str = "@version";
const CREATED: &str = "@created";
const EXPIRES: &str = "@expires";
const OWNER: &str = "@principal";
/// Where a renamed session went, as the text of its key.
const TO: &str = "@moved";
/// Whether that is shown to every call.
const SHOWN: &str = "@shown";
/// What ended the session that was here.
const ENDED_BY: &str = "@ended";
/// Said by a load that extended the session, and not stored.
const ROLLED: &str = "@rolled";
/// Its value where the list of the session's owner has to be told.
const FAR: &[u8] = b"far";

/// What a load did to the end of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Rolled {
    #[default]
    No,
    Yes,
    /// So far that the list of its owner has to be told.
    Far,
}

/// What is under a key.
#[derive(Debug)]
pub(super) enum Held {
    Nothing,
    Session(Record),
    Pointer { to: StoreKey, is_shown: bool },
    Ended { by: Vec<u8> },
}

impl Held {
    /// What a load answers.
    pub(super) fn loaded(self, rolled: Rolled) -> Option<Loaded> {
        match self {
            Self::Session(record) => Some(Loaded::Record { record, rolled: rolled != Rolled::No }),
            Self::Pointer { to, is_shown: true } => Some(Loaded::Moved(to)),
            Self::Pointer { is_shown: false, .. } => Some(Loaded::Renamed),
            Self::Nothing | Self::Ended { .. } => None,
        }
    }

    /// Reads a hash that was packed, and whether it was extended just now.
    pub(super) fn read(answer: &Value, now: Timestamp) -> Result<(Self, Rolled), StoreError> {
        let Value::BulkString(bytes) = answer else {
            return Err(unknown(kind_of(answer)));
        };
        let packed = Packed::read(bytes)?;
        let mut parts = Parts { entries: Vec::with_capacity(packed.len()), ..Parts::default() };
        for pair in packed {
            let (name, value) = pair?;
            parts.take(name, value)?;
        }
        let rolled = parts.rolled;
        Ok((parts.into_held(now)?, rolled))
    }
}

/// The fields of a hash, sorted out.
#[derive(Default)]
struct Parts<'a> {
    entries: Vec<(&'a str, &'a [u8])>,
    version: Option<u64>,
    created: Option<Timestamp>,
    expires: Option<Timestamp>,
    owner: Option<Arc<str>>,
    to: Option<StoreKey>,
    is_shown: bool,
    ended_by: Option<&'a [u8]>,
    rolled: Rolled,
}

impl<'a> Parts<'a> {
    fn take(&mut self, name: &'a [u8], value: &'a [u8]) -> Result<(), StoreError> {
        let name = str::from_utf8(name).map_err(|_| not_a_session("a name is not UTF-8"))?;
        if !name.starts_with('@') {
            self.entries.push((name, value));
            return Ok(());
        }
        match name {
            VERSION => self.version = Some(number(value)?),
            CREATED => self.created = Some(moment(value)?),
            EXPIRES => self.expires = Some(moment(value)?),
            OWNER => self.owner = Some(owner(value)?),
            TO => self.to = Some(key_of(value).ok_or_else(|| not_a_session("`@moved` is not a key"))?),
            SHOWN => self.is_shown = true,
            ENDED_BY => self.ended_by = Some(value),
            ROLLED => self.rolled = if value == FAR { Rolled::Far } else { Rolled::Yes },
            _ => self.entries.push((name, value)),
        }
        Ok(())
    }

    fn into_held(self, now: Timestamp) -> Result<Held, StoreError> {
        let expires = match self.expires {
            Some(expires) if expires > now => expires,
            Some(_) => return Ok(Held::Nothing),
            None if self.is_empty() => return Ok(Held::Nothing),
            None => return Err(not_a_session("it has no `@expires`")),
        };
        if let Some(by) = self.ended_by {
            return Ok(Held::Ended { by: by.to_vec() });
        }
        if let Some(to) = self.to {
            return Ok(Held::Pointer { to, is_shown: self.is_shown });
        }
        let (Some(version), Some(created)) = (self.version, self.created) else {
            return Err(not_a_session("it has no `@version` or no `@created`"));
        };
        let record = Record::from_entries(self.entries, created, expires).map_err(StoreError::corrupt)?;
        Ok(Held::Session(record.at_version(version).owned_by(self.owner)))
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.version.is_none() && self.created.is_none()
    }
}

/// Adds a session's names and values to a request.
pub(super) fn write(request: &mut Request, record: &Record) {
    let mut number = |name: &str, number: u64| {
        request.arg(name).arg(number);
    };
    number(VERSION, record.version());
    number(CREATED, record.created().as_millis());
    number(EXPIRES, record.expires().as_millis().min(LARGEST));
    if let Some(owner) = record.principal() {
        request.arg(OWNER).arg(owner);
    }
    for (name, value) in record.entries() {
        request.arg(name).arg(value);
    }
}

/// How many bytes [`write()`] adds, about.
pub(super) fn room_for(record: &Record) -> usize {
    record.buffer().len() + 64
}

/// The stamps of a record's last commits, as it holds them.
pub(super) fn stamps(record: &Record) -> &[u8] {
    record.get("@s").unwrap_or_default()
}

/// Refuses names that this layout has another use for.
pub(super) fn check_names<'a>(mut names: impl Iterator<Item = &'a str>) -> Result<(), StoreError> {
    const RESERVED: [&str; 8] = [VERSION, CREATED, EXPIRES, OWNER, TO, SHOWN, ENDED_BY, ROLLED];
    match names.find(|name| name.starts_with('@') && RESERVED.contains(name)) {
        Some(name) => Err(StoreError::rejected(format!("`{name}` is not a name for an entry in Redis"))),
        None => Ok(()),
    }
}

/// The length of a key's text.
pub(super) const KEY_LENGTH: usize = 43;

/// The text of a key.
pub(super) fn text_of(key: &StoreKey) -> String {
    let mut text = String::with_capacity(KEY_LENGTH);
    append_key(&mut text, key);
    text
}

/// Adds the text of a key: base64url.
pub(super) fn append_key(text: &mut String, key: &StoreKey) {
    text.push_str(str::from_utf8(&to_text(key.as_bytes())).unwrap_or_default());
}

/// The key of a hash's name, if it is one of ours: its end.
pub(super) fn key_of_name(name: &[u8]) -> Option<StoreKey> {
    key_of(&name[name.len().checked_sub(KEY_LENGTH)?..])
}

pub(super) fn key_of(text: &[u8]) -> Option<StoreKey> {
    let bytes = from_text(text)?;
    Some(StoreKey::from_bytes(bytes.try_into().ok()?))
}

fn owner(text: &[u8]) -> Result<Arc<str>, StoreError> {
    str::from_utf8(text).map(Into::into).map_err(|_| not_a_session("`@principal` is not UTF-8"))
}

pub(super) fn moment(digits: &[u8]) -> Result<Timestamp, StoreError> {
    number(digits).map(Timestamp::from_millis)
}

fn number(digits: &[u8]) -> Result<u64, StoreError> {
    let digits = str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    digits.ok_or_else(|| not_a_session("a number among its `@` entries is not one"))
}
