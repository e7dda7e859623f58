//! A store whose every call waits until its request has the turn, is then done at once, and is written down.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;

use session_runtime::record::Record;
use session_runtime::store::{
    BoxFuture, Inserted, Loaded, OwnedSession, PrincipalIndex, Removed, Touched, Update, Updated,
};
use session_runtime::{Roll, SessionStore, StoreError, StoreKey, Timestamp};

/// The fields of a session, as they are stored, without the runtime's own entries.
pub(super) type Fields = BTreeMap<String, String>;

/// One call to the store and its answer.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Which request made it.
    pub(super) by: usize,
    pub(super) verb: Verb,
    pub(super) key: StoreKey,
    pub(super) answer: Told,
    /// What is stored right after it, under the key that it wrote to.
    pub(super) left: Option<Fields>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verb {
    Load,
    Insert,
    Update,
    Rename {
        to: StoreKey,
        grace: bool,
    },
    Touch,
    Remove,
    /// All sessions of a principal are asked for, and so no key is.
    List,
}

/// What the store answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    Done,
    Emptied,
    Missing,
    Moved(StoreKey),
    /// It was renamed without grace: not here, and not to be made anew.
    Renamed,
    Conflict,
}

impl Call {
    /// Whether it changed what is stored.
    pub(super) fn commits(&self) -> bool {
        !matches!(self.verb, Verb::Load | Verb::List) && matches!(self.answer, Told::Done | Told::Emptied)
    }
}

/// Who may make the next call, and what was called so far.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<Desk>>);

#[derive(Default)]
struct Desk {
    /// The request that is being polled.
    polled: usize,
    /// Whether it may make a call.
    granted: bool,
    /// Whether it wants to make one.
    waiting: bool,
    calls: Vec<Call>,
}

impl Turns {
    /// This request is polled next, and may make so many calls: none or one.
    pub(super) fn give(&self, request: usize, granted: bool) {
        let mut desk = self.desk();
        desk.polled = request;
        desk.granted = granted;
        desk.waiting = false;
    }

    /// Whether the request that was polled last waits for a turn.
    pub(super) fn is_awaited(&self) -> bool {
        self.desk().waiting
    }

    /// Every call so far, in the order in which they were done.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.desk().calls.clone()
    }

    async fn turn(&self) {
        std::future::poll_fn(|_| {
            let mut desk = self.desk();
            if std::mem::take(&mut desk.granted) {
                return Poll::Ready(());
            }
            desk.waiting = true;
            Poll::Pending
        })
        .await;
    }

    fn note(&self, verb: Verb, key: StoreKey, answer: Told, left: Option<Fields>) {
        let mut desk = self.desk();
        let by = desk.polled;
        desk.calls.push(Call { by, verb, key, answer, left });
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().expect("not poisoned")
    }
}

/// A store under the scheduler's control.
pub(super) struct Stepped<S> {
    inner: Arc<S>,
    turns: Turns,
}

impl<S: SessionStore> Stepped<S> {
    pub(super) fn new(inner: Arc<S>, turns: Turns) -> Self {
        Self { inner, turns }
    }

    async fn left(&self, key: &StoreKey) -> Option<Fields> {
        fields(&*self.inner, key).await
    }
}

/// The session that is stored under this very key.
pub(super) async fn fields(store: &impl SessionStore, key: &StoreKey) -> Option<Fields> {
    let Loaded::Record { record, .. } = store.load(key, None).await.expect("an answer")? else {
        return None;
    };
    let own = record.entries().filter(|(name, _)| !name.starts_with('@'));
    Some(own.map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned())).collect())
}

fn told(updated: &Updated) -> Told {
    match updated {
        Updated::Done => Told::Done,
        Updated::Emptied => Told::Emptied,
        Updated::Missing => Told::Missing,
        Updated::Moved(to) => Told::Moved(*to),
        Updated::Conflict(_) => Told::Conflict,
    }
}

impl<S: SessionStore> SessionStore for Stepped<S> {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        self.turns.turn().await;
        let loaded = self.inner.load(key, roll).await?;
        let answer = match &loaded {
            Some(Loaded::Record { .. }) => Told::Done,
            Some(Loaded::Moved(to)) => Told::Moved(*to),
            Some(Loaded::Renamed) => Told::Renamed,
            None => Told::Missing,
        };
        self.turns.note(Verb::Load, *key, answer, None);
        Ok(loaded)
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        self.turns.turn().await;
        let inserted = self.inner.insert(key, record).await?;
        let answer = if inserted == Inserted::Done { Told::Done } else { Told::Conflict };
        self.turns.note(Verb::Insert, *key, answer, self.left(key).await);
        Ok(inserted)
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        self.turns.turn().await;
        let updated = self.inner.update(key, update).await?;
        self.turns.note(Verb::Update, *key, told(&updated), self.left(key).await);
        Ok(updated)
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        self.turns.turn().await;
        let updated = self.inner.rename(old, new, update, grace).await?;
        let verb = Verb::Rename { to: *new, grace: grace.is_some() };
        self.turns.note(verb, *old, told(&updated), self.left(new).await);
        Ok(updated)
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        self.turns.turn().await;
        let touched = self.inner.touch(key, expires).await?;
        let answer = match touched {
            Touched::Done => Told::Done,
            Touched::Missing => Told::Missing,
            Touched::Moved(to) => Told::Moved(to),
        };
        self.turns.note(Verb::Touch, *key, answer, self.left(key).await);
        Ok(touched)
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        self.turns.turn().await;
        let removed = self.inner.remove(key).await?;
        let answer = match removed {
            Removed::Done => Told::Done,
            Removed::Missing => Told::Missing,
            Removed::Moved(to) => Told::Moved(to),
        };
        self.turns.note(Verb::Remove, *key, answer, None);
        Ok(removed)
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        self.inner.index().map(|_| self as _)
    }
}

impl<S: SessionStore> PrincipalIndex for Stepped<S> {
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>> {
        Box::pin(async move {
            self.turns.turn().await;
            let mut sessions = self.inner.index().expect("an index").sessions(principal).await?;
            // Stores list them in any order, and a run that repeats the choices of another repeats its calls.
            sessions.sort_by_key(|session| session.record.created());
            self.turns.note(Verb::List, StoreKey::from_bytes([0; 32]), Told::Done, None);
            Ok(sessions)
        })
    }

    fn call_off<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.turns.turn().await;
            self.inner.index().expect("an index").call_off(principal).await
        })
    }
}
