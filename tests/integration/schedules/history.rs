//! What should have become of every session, told from what was asked, in the order in which it was done.

use std::collections::BTreeMap;

use session_runtime::StoreKey;

use super::act::Change;
use super::run::Outcome;
use super::stepped::{Call, Fields, Told, Verb};

/// A schedule, retold without any store: whose commit came when, and what each session holds after it.
pub(super) struct History<'a> {
    pub(super) steps: Vec<Step<'a>>,
    pub(super) lives: Vec<Life>,
    keys: BTreeMap<StoreKey, Place>,
    /// By request, how many of its wishes came to a commit.
    granted: Vec<usize>,
    wishes: &'a [Vec<Vec<Change>>],
}

/// One call, and what is to be expected of it.
pub(super) struct Step<'a> {
    pub(super) call: &'a Call,
    /// What became of its key before it was made.
    pub(super) standing: Standing,
    /// The session that the key is or was of.
    pub(super) life: Option<usize>,
    /// What was wanted of a commit.
    pub(super) wish: &'a [Change],
    /// What the session holds after it.
    pub(super) expected: Fields,
}

/// A session, from its creation to its end, under whatever keys.
pub(super) struct Life {
    pub(super) key: StoreKey,
    pub(super) fields: Fields,
    pub(super) ended: bool,
}

struct Place {
    life: usize,
    standing: Standing,
}

/// What a key is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// Nobody has it yet.
    Unknown,
    Current,
    /// It leads to the current one.
    Graceful,
    /// It was given up for another at once: it is dead to all but a sign-out.
    Renamed,
    /// Its session has ended.
    Ended,
}

impl<'a> History<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let granted = vec![0; outcome.acts.len()];
        let wishes = &outcome.wishes;
        let mut history = Self { steps: Vec::new(), lives: Vec::new(), keys: BTreeMap::new(), granted, wishes };
        if let Some(planted) = &outcome.planted {
            history.begin(planted.key, planted.fields.clone());
        }
        for call in &outcome.calls {
            history.tell(call);
        }
        history
    }

    /// What this key is worth at the end.
    pub(super) fn standing(&self, key: &StoreKey) -> Standing {
        self.keys.get(key).map_or(Standing::Unknown, |place| place.standing)
    }

    /// Every key that ever was.
    pub(super) fn keys(&self) -> impl Iterator<Item = &StoreKey> {
        self.keys.keys()
    }

    /// How many wishes of a request came to nothing.
    pub(super) fn wishes_left(&self, request: usize) -> usize {
        self.wishes[request].len() - self.granted[request]
    }

    /// The steps of one request.
    pub(super) fn steps_of(&self, request: usize) -> impl DoubleEndedIterator<Item = (usize, &Step<'a>)> {
        self.steps.iter().enumerate().filter(move |(_, step)| step.call.by == request)
    }

    /// The sessions that are alive at the end.
    pub(super) fn living(&self) -> impl Iterator<Item = &Life> {
        self.lives.iter().filter(|life| !life.ended)
    }

    fn begin(&mut self, key: StoreKey, fields: Fields) -> usize {
        let life = self.lives.len();
        self.keys.insert(key, Place { life, standing: Standing::Current });
        self.lives.push(Life { key, fields, ended: false });
        life
    }

    fn tell(&mut self, call: &'a Call) {
        let standing = self.standing(&call.key);
        let mut life = self.keys.get(&call.key).map(|place| place.life);
        let wish = if call.commits() { self.grant(call) } else { &[] };
        match (call.verb, life) {
            _ if !call.commits() => {}
            (Verb::Insert, _) => life = Some(self.begin(call.key, fold(Fields::new(), wish))),
            (_, None) => {}
            (Verb::Remove, Some(life)) => self.end(life),
            (verb, Some(life)) => {
                self.lives[life].fields = fold(std::mem::take(&mut self.lives[life].fields), wish);
                match verb {
                    _ if call.answer == Told::Emptied => self.end(life),
                    Verb::Rename { to, grace } => self.rename(life, to, grace),
                    _ => {}
                }
            }
        }
        let expected = life.map(|life| self.lives[life].fields.clone()).unwrap_or_default();
        self.steps.push(Step { call, standing, life, wish, expected });
    }

    /// The wish that this commit is for, the next of its request.
    fn grant(&mut self, call: &Call) -> &'a [Change] {
        if matches!(call.verb, Verb::Touch | Verb::Remove) {
            return &[];
        }
        let Some(wish) = self.wishes[call.by].get(self.granted[call.by]) else {
            return &[];
        };
        self.granted[call.by] += 1;
        wish
    }

    fn end(&mut self, life: usize) {
        self.lives[life].ended = true;
        self.lead(life, Standing::Ended);
    }

    fn rename(&mut self, life: usize, to: StoreKey, grace: bool) {
        self.lead(life, if grace { Standing::Graceful } else { Standing::Renamed });
        self.lives[life].key = to;
        self.keys.insert(to, Place { life, standing: Standing::Current });
    }

    fn lead(&mut self, life: usize, standing: Standing) {
        self.keys.values_mut().filter(|place| place.life == life).for_each(|place| place.standing = standing);
    }
}

/// The fields after these changes.
fn fold(mut fields: Fields, wish: &[Change]) -> Fields {
    for change in wish {
        match *change {
            Change::Set(field, value) => {
                fields.insert(field.to_owned(), value.to_string());
            }
            Change::Plus(field, more) => {
                let sum = fields.get(field).map_or(0, |sum| sum.parse().expect("a number"));
                fields.insert(field.to_owned(), (sum + more).to_string());
            }
            Change::Drop(field) => {
                fields.remove(field);
            }
        }
    }
    fields
}
