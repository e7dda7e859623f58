//! A request's session, shared by the layer, the handler, and whoever else sees the request.

mod commit;
mod detached;
mod gate;

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::backend::{Action, Backend, Found, Limit, Live, Origin, Presented};
use crate::clock::Clock;
use crate::core::SessionCore;
use crate::error::SessionError;
use crate::event::{Call, Event, EventKind, Events, timed};
use crate::expiry::{Expiry, Whose};
use crate::id::StoreKey;
use crate::record::Record;
use crate::schema::{Schema, check};
use crate::seal::Sealer;
use crate::state::{Changes, Due, Late, Left, Outcome, State};
use crate::timeout::within;
use gate::Gate;

pub(crate) use commit::{Closed, Closing};

/// How many cookies of the session's name are tried.
const MAX_TOKENS: usize = 4;

/// A request's session, before anyone said what its type is.
///
/// The layer puts one into the request's extensions; it costs nothing until it is loaded. Clones are the same session.
///
/// A handler that is a plain function is tested without any layer:
///
/// ```
/// # use session_runtime::{Session, SessionError, SessionHandle, session};
/// #[derive(Session)]
/// struct Visits {
///     hits: u32,
/// }
///
/// #[session(autoload)]
/// async fn count(visits: &mut Session<Visits>) -> String {
///     *visits.hits_mut() += 1;
///     format!("seen {} times", visits.hits())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), SessionError> {
/// let handle = SessionHandle::detached();
/// assert_eq!(count(handle.get::<Visits>()?).await, "seen 1 times");
/// assert_eq!(handle.get::<Visits>()?.hits(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SessionHandle(Arc<Shared<dyn Host>>);

struct Shared<H: ?Sized> {
    state: Mutex<State>,
    /// Held by whoever talks to the store for this request.
    gate: Gate,
    host: H,
}

/// What the handle needs of the request and the layer that made it.
pub(crate) trait Host: Send + Sync + 'static {
    /// How sessions are kept.
    fn policy(&self) -> &Policy;
    /// The name of the session's cookie.
    fn cookie(&self) -> &str;
    /// Calls `each` for the value of every cookie of that name.
    fn tokens(&self, each: &mut dyn FnMut(&[u8]));
    /// The host itself, for those who know its type.
    fn as_any(&self) -> &dyn Any;
}

/// How sessions are kept.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) expiry: Expiry,
    pub(crate) clock: Clock,
    pub(crate) store_timeout: Duration,
    /// What seals fields.
    pub(crate) sealer: Option<Arc<Sealer>>,
    /// How many sessions a principal may have.
    pub(crate) limit: Option<Limit>,
    /// Who is told of what happens.
    pub(crate) events: Events,
}

/// What is to be tried: nearly always one token.
#[derive(Default)]
struct Tokens {
    /// Why a cookie of the session's name is not among them.
    refused: Option<Origin>,
    next: Option<Presented>,
    /// The others, the last one to try first.
    rest: Vec<Presented>,
}

impl Policy {
    fn fresh_record(&self) -> Record {
        let now = self.clock.now();
        Record::new(now, self.expiry.initial(now, Whose::Anonymous))
    }
}

impl SessionHandle {
    /// A session of no request: nothing is stored, and what is changed is seen by the next [`get`](Self::get). Saving it succeeds, setting its principal
    /// signs in; no limit is looked at, and no registry lists it.
    pub fn detached() -> Self {
        Self::with_state(detached::Detached::default(), State::detached())
    }

    pub(crate) fn new(host: impl Host) -> Self {
        Self::with_state(host, State::default())
    }

    fn with_state(host: impl Host, state: State) -> Self {
        Self(Arc::new(Shared { state: Mutex::new(state), gate: Gate::default(), host }))
    }

    /// The session as a `T`, loaded from the store the first time that anyone asks.
    ///
    /// # Errors
    ///
    /// Where the store could not answer, a field with `on_mismatch = "reject"` does not decode, or a field is `sealed` and the layer has no keys.
    pub async fn load<T: Schema>(&self) -> Result<T::Session, SessionError> {
        self.ensure_loaded().await?;
        self.get::<T>()
    }

    /// As [`load`](Self::load), but only if a session exists, or this request has begun one.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn load_existing<T: Schema>(&self) -> Result<Option<T::Session>, SessionError> {
        self.ensure_loaded().await?;
        let exists = {
            let state = self.state();
            state.is_live() || matches!(state.action(Outcome::Success), Action::Insert | Action::Replace)
        };
        if exists { self.get::<T>().map(Some) } else { Ok(None) }
    }

    /// The session as a `T`, if anyone has loaded it.
    ///
    /// # Errors
    ///
    /// [`is_not_loaded`](SessionError::is_not_loaded) if nobody has; as [`load`](Self::load) for fields.
    pub fn get<T: Schema>(&self) -> Result<T::Session, SessionError> {
        let view = self.state().view(|| self.policy().fresh_record()).ok_or_else(SessionError::not_loaded)?;
        let session = T::open(SessionCore::new(self.clone(), view));
        check(&session).map(|()| session).map_err(|error| self.load_failed(error))
    }

    /// Asks the store, unless this was done before.
    pub(crate) async fn ensure_loaded(&self) -> Result<(), SessionError> {
        if !self.state().is_unloaded() {
            return Ok(());
        }
        let _gate = self.0.gate.enter().await;
        let epoch = {
            let state = self.state();
            if !state.is_unloaded() {
                return Ok(());
            }
            state.epoch()
        };
        let tokens = self.tokens();
        self.find(epoch, tokens).await
    }

    /// Asks the store again, for the session that was loaded.
    pub(crate) async fn reload(&self) -> Result<(), SessionError> {
        self.ensure_loaded().await?;
        let _gate = self.0.gate.enter().await;
        let (epoch, live) = {
            let state = self.state();
            let presented = |live: &Live| Presented { token: live.token.clone(), stale: live.stale };
            (state.epoch(), state.live().map(presented))
        };
        match live {
            Some(live) => self.find(epoch, Tokens { next: Some(live), ..Tokens::default() }).await,
            None => Ok(()),
        }
    }

    /// The well-formed tokens among the cookies, in the order that the client sent them.
    fn tokens(&self) -> Tokens {
        let mut tokens = Tokens::default();
        let backend = &self.policy().backend;
        self.0.host.tokens(&mut |value| match backend.token(value, self.0.host.cookie()) {
            Err(origin) => tokens.refused = Some(origin),
            Ok(token) if tokens.next.is_none() => tokens.next = Some(token),
            Ok(token) if tokens.rest.len() + 1 < MAX_TOKENS => tokens.rest.insert(0, token),
            Ok(_) => {}
        });
        tokens
    }

    /// Takes the first token that stands for a session.
    async fn find(&self, epoch: u32, mut tokens: Tokens) -> Result<(), SessionError> {
        let policy = self.policy();
        let now = policy.clock.now();
        let roll_at_load = policy.expiry.roll_at_load(now);
        let mut nothing = tokens.refused.unwrap_or(Origin::New);
        let mut renewed = None;
        let is_first = self.state().is_unloaded();
        let tell_nothing = |origin, session: Option<&StoreKey>| match EventKind::of(origin) {
            // What is not there any more is lost, not unknown.
            Some(kind) if is_first => policy.events.happened(kind, session),
            _ => {}
        };
        tell_nothing(nothing, None);
        while let Some(Presented { token, stale }) = tokens.next.take() {
            let id = token.id();
            let roll_at_load = roll_at_load.filter(|_| !stale);
            let loading = policy.backend.load(token, self.0.host.cookie(), roll_at_load);
            let found = timed(Call::Load, within(policy.store_timeout, loading)).await;
            match found.map_err(|error| self.load_failed(error.into()))? {
                Found::Live(live) if policy.expiry.has_ended(&live.record, now) => {
                    nothing = Origin::Expired;
                    tell_nothing(nothing, live.key.as_ref());
                }
                Found::Live(mut live) => {
                    live.stale = stale;
                    let due = Due {
                        extension: if live.rolled { None } else { policy.expiry.extension(&live.record, now) },
                        rotation: !live.moved
                            && !policy.backend.is_client_side()
                            && policy.expiry.rotation_due(&live.record, now),
                    };
                    policy.events.happened(EventKind::Loaded, live.key.as_ref());
                    self.state().found(epoch, live, due);
                    return Ok(());
                }
                Found::Nothing(origin) => {
                    nothing = origin;
                    tell_nothing(origin, id.map(|id| id.store_key()).as_ref());
                }
                Found::Renewed(live) => renewed = Some(live),
            }
            tokens.next = tokens.rest.pop();
        }
        if let Some(live) = renewed {
            policy.events.happened(EventKind::Overtaken, live.key.as_ref());
            self.state().found_renewed(epoch, live);
            return Ok(());
        }
        let lost = self.state().found_nothing(epoch, nothing);
        if lost {
            policy.events.happened(EventKind::Lost, None);
        }
        Ok(())
    }

    /// Tells that a request does not get its session.
    fn load_failed(&self, error: SessionError) -> SessionError {
        let session = self.state().live().and_then(|live| live.key);
        self.policy().events.tell(&Event::load_failed(session, &error));
        error
    }

    /// Takes what a typed session changed; what of it is late.
    pub(crate) fn leave(&self, epoch: u32, staged: Result<Changes, SessionError>) -> Option<Late> {
        let left = self.state().leave(epoch, staged);
        match left {
            Left::Taken => None,
            left => self.settle_overlaps(left),
        }
    }

    /// Merges fields that two typed sessions of this request changed: a user's code, which runs without the lock.
    #[cold]
    fn settle_overlaps(&self, mut left: Left) -> Option<Late> {
        loop {
            match left {
                Left::Taken => return None,
                Left::Late(late) => return Some(late),
                Left::Overlapping(overlap) => {
                    let merged = overlap.merged();
                    left = self.state().overlapped(*overlap, merged);
                }
            }
        }
    }

    /// The layer's own side of the request, if it is of this type.
    pub(crate) fn host<H: Host>(&self) -> Option<&H> {
        self.0.host.as_any().downcast_ref()
    }

    pub(crate) fn policy(&self) -> &Policy {
        self.0.host.policy()
    }

    /// Nothing is awaited and nothing of a user's is called under this lock; a value that a panic left behind is still whole.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionHandle").finish_non_exhaustive()
    }
}
