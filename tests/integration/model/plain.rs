//! The model: a session is a map from (schema, field) to a value, and a request is what it does to that map.

use std::collections::{BTreeMap, BTreeSet};

use super::views::{FIELDS, NAMESPACES};
use super::{IDLE, Op, Visit};

type Name = (usize, usize);
type Map = BTreeMap<Name, u8>;
type Changes = BTreeMap<Name, Option<u8>>;

/// The only optional field.
const TEXT: usize = 1;

/// What an absent field reads as; `None` for the optional one.
fn default(name: Name) -> Option<u8> {
    match name {
        (_, TEXT) => None,
        (1, 0) => Some(2),
        _ => Some(0),
    }
}

/// The world without any library: one visitor's session.
#[derive(Default)]
pub(super) struct Plain {
    now: u64,
    expires: u64,
    session: Option<Map>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cookie {
    Keep,
    Set,
    Remove,
}

/// What a request is expected to come to.
pub(super) struct Expected {
    pub(super) seen: Vec<String>,
    pub(super) loads: usize,
    pub(super) writes: usize,
    pub(super) cookie: Cookie,
}

impl Plain {
    pub(super) fn wait(&mut self, seconds: u64) {
        self.now += seconds;
        if self.expires <= self.now {
            self.session = None;
        }
    }

    pub(super) fn visit(&mut self, visit: &Visit, sends_cookie: bool) -> Expected {
        let had_session = self.session.is_some();
        let loads = !visit.steps.is_empty();
        if loads && had_session && self.now + IDLE - self.expires > IDLE / 10 {
            self.expires = self.now + IDLE;
        }
        let mut request = Request {
            plain: self,
            had_session,
            ended: false,
            deposited: Changes::new(),
            renames: false,
            epoch: 0,
            views: [None, None],
            expected: Expected {
                seen: Vec::new(),
                loads: usize::from(loads && sends_cookie),
                writes: 0,
                cookie: Cookie::Keep,
            },
        };
        for (view, op) in &visit.steps {
            let shown = request.step(*view, *op);
            request.expected.seen.push(shown);
        }
        request.end(visit.succeeds);
        request.expected
    }

    /// The stored names of the session's fields, if there is a session.
    pub(super) fn names(&self) -> Option<Vec<String>> {
        let session = self.session.as_ref()?;
        let mut names: Vec<_> = session.keys().map(|name| stored_name(*name)).collect();
        names.sort();
        Some(names)
    }
}

fn stored_name((schema, field): Name) -> String {
    format!("{}.{}", NAMESPACES[schema], FIELDS[field])
}

/// A typed session: what it saw when it was loaded, and what it shows now.
#[derive(Clone)]
struct View {
    before: Map,
    now: Map,
    /// Fields that are stored though they equal the default: they were, or were set.
    firm: BTreeSet<Name>,
    renames: bool,
    epoch: u32,
}

impl View {
    fn of(schema: usize, seen: &Map, epoch: u32) -> Self {
        let own = seen.iter().filter(|((owner, _), _)| *owner == schema);
        let before: Map = own.map(|(name, value)| (*name, *value)).collect();
        Self { now: before.clone(), firm: before.keys().copied().collect(), before, renames: false, epoch }
    }

    fn set(&mut self, name: Name, value: u8) {
        self.firm.insert(name);
        self.now.insert(name, value);
    }

    fn lend(&mut self, name: Name, value: u8) {
        if self.firm.contains(&name) || default(name) != Some(value) {
            self.now.insert(name, value);
        } else {
            self.now.remove(&name);
        }
    }

    fn clear(&mut self) {
        self.now.clear();
        self.firm.clear();
    }

    fn changes(&self) -> Changes {
        let names: BTreeSet<_> = self.before.keys().chain(self.now.keys()).collect();
        let changed = names.into_iter().filter(|name| self.before.get(*name) != self.now.get(*name));
        changed.map(|name| (*name, self.now.get(name).copied())).collect()
    }

    fn show(&self, schema: usize, stored: bool) -> String {
        let read = |field| {
            let name = (schema, field);
            self.now.get(&name).copied().or(default(name))
        };
        let number = |field| read(field).expect("a required field");
        let delta = self.changes();
        let changed: Vec<_> = delta.keys().map(|name| stored_name(*name)).collect();
        let modified = self.renames || !changed.is_empty();
        format!(
            "{} {:?} {} {} {} changed {changed:?} modified {modified} stored {stored}",
            number(0),
            read(TEXT),
            number(2),
            number(3),
            number(4),
        )
    }
}

struct Request<'a> {
    plain: &'a mut Plain,
    /// Whether the visitor came with a session.
    had_session: bool,
    /// Whether it was destroyed and not yet removed.
    ended: bool,
    deposited: Changes,
    renames: bool,
    /// How often it was destroyed: views that are older have no say.
    epoch: u32,
    views: [Option<View>; 2],
    expected: Expected,
}

impl Request<'_> {
    fn step(&mut self, schema: usize, op: Op) -> String {
        let mut view = self.views[schema].take().unwrap_or_else(|| self.open(schema));
        match op {
            Op::Set(field, value) => view.set((schema, field), value),
            Op::Mutate(field, value) => view.lend((schema, field), value),
            Op::Lend(_) => {}
            Op::Take | Op::ClearField => {
                view.now.remove(&(schema, TEXT));
            }
            Op::Replace(value) => {
                view.now.remove(&(schema, TEXT));
                let required = (0..FIELDS.len()).filter(|field| *field != TEXT);
                required.for_each(|field| view.set((schema, field), value));
            }
            Op::Clear => view.clear(),
            Op::Discard => view = View::of(schema, &view.before, view.epoch),
            Op::Destroy => view = self.destroy(schema, &view),
            Op::Regenerate => view.renames = true,
            Op::Save => {
                self.deposit(&view);
                self.commit();
                view = self.open(schema);
            }
            Op::Reload => {
                self.expected.loads += usize::from(self.plain.session.is_some());
                view = self.open(schema);
            }
            Op::Drop => {
                self.deposit(&view);
                return "dropped".to_owned();
            }
        }
        let shown = view.show(schema, self.plain.session.is_some());
        self.views[schema] = Some(view);
        shown
    }

    /// What is stored, and what was deposited before.
    fn open(&self, schema: usize) -> View {
        let mut seen = self.plain.session.clone().unwrap_or_default();
        apply(&mut seen, &self.deposited);
        View::of(schema, &seen, self.epoch)
    }

    fn deposit(&mut self, view: &View) {
        if view.epoch == self.epoch {
            self.deposited.extend(view.changes());
            self.renames |= view.renames;
        }
    }

    fn destroy(&mut self, schema: usize, view: &View) -> View {
        if view.epoch == self.epoch {
            self.ended |= self.plain.session.take().is_some();
            self.deposited.clear();
            self.renames = false;
            self.epoch += 1;
        }
        self.open(schema)
    }

    fn end(&mut self, succeeds: bool) {
        for schema in 0..self.views.len() {
            if let Some(view) = self.views[schema].take() {
                self.deposit(&view);
            }
        }
        if !succeeds {
            self.deposited.clear();
            self.renames = false;
        }
        self.commit();
    }

    fn commit(&mut self) {
        let changes = std::mem::take(&mut self.deposited);
        let renames = std::mem::take(&mut self.renames);
        let creates = changes.values().any(Option::is_some);
        let ended = std::mem::take(&mut self.ended);
        self.expected.writes += usize::from(ended);
        match &mut self.plain.session {
            None if creates => {
                let mut begun = Map::new();
                apply(&mut begun, &changes);
                self.plain.session = Some(begun);
                self.plain.expires = self.plain.now + IDLE;
                self.expected.writes += 1;
                self.expected.cookie = Cookie::Set;
            }
            None if ended => self.remove_cookie(),
            Some(session) if renames || !changes.is_empty() => {
                self.expected.writes += 1;
                apply(session, &changes);
                if session.is_empty() {
                    self.plain.session = None;
                    self.remove_cookie();
                } else if renames {
                    self.expected.cookie = Cookie::Set;
                }
            }
            None | Some(_) => {}
        }
    }

    /// Only a session that the visitor came with has a cookie to remove.
    fn remove_cookie(&mut self) {
        self.expected.cookie = if self.had_session { Cookie::Remove } else { Cookie::Keep };
    }
}

fn apply(session: &mut Map, changes: &Changes) {
    for (name, value) in changes {
        match value {
            Some(value) => session.insert(*name, *value),
            None => session.remove(name),
        };
    }
}
