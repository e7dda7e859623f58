//! Sessions of no request, for tests of handlers.

use std::any::Any;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::{Host, Policy};
use crate::backend::{Action, Backend, Basis, Commit, Committed, Found, Origin, Presented, Token};
use crate::clock::Clock;
use crate::error::{SessionError, StoreError};
use crate::event::Events;
use crate::expiry::{Expiry, Roll};
use crate::id::SessionId;
use crate::record::Record;
use crate::seal::{Key, Purpose, Sealer};
use crate::store::BoxFuture;

/// What is sealed here is read by nobody else, so that the key is one of this process.
static SEALER: LazyLock<Option<Arc<Sealer>>> = LazyLock::new(|| {
    let key = Key::generate().ok()?;
    Some(Arc::new(Sealer::new(&key.into(), Purpose::SealedField)))
});

/// No cookie, and a backend that agrees to everything.
pub(super) struct Detached(Policy);

impl Default for Detached {
    fn default() -> Self {
        Self(Policy {
            backend: Arc::new(Agreeing),
            expiry: Expiry::default(),
            clock: Clock::system(),
            store_timeout: Duration::MAX,
            sealer: SEALER.clone(),
            limit: None,
            events: Events::default(),
        })
    }
}

impl Host for Detached {
    fn policy(&self) -> &Policy {
        &self.0
    }

    fn cookie(&self) -> &'static str {
        ""
    }

    fn tokens(&self, _: &mut dyn FnMut(&[u8])) {}

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Keeps nothing: the handle's own state is all there is.
struct Agreeing;

impl Backend for Agreeing {
    fn token(&self, _: &[u8], _: &str) -> Result<Presented, Origin> {
        Err(Origin::New)
    }

    fn value<'t>(&self, token: &'t Token, _: &str) -> Cow<'t, [u8]> {
        token.as_bytes().into()
    }

    fn is_client_side(&self) -> bool {
        false
    }

    fn load<'a>(&'a self, _: Token, _: &'a str, _: Option<Roll>) -> BoxFuture<'a, Result<Found, StoreError>> {
        Box::pin(async { Ok(Found::Nothing(Origin::New)) })
    }

    fn commit<'a>(&'a self, commit: Commit<'a>) -> BoxFuture<'a, Result<Committed, SessionError>> {
        Box::pin(async move {
            let record = match (commit.action, commit.live) {
                (Action::Insert | Action::Replace, _) | (_, None) => commit.fresh()?,
                (_, Some(live)) => {
                    let record = live.record.apply(&*commit.delta_onto(&live.record)?);
                    commit.principal.applied_to(record)
                }
            };
            Ok(match commit.action {
                Action::Insert | Action::Replace => issued(record)?,
                action if action.removes_if_empty() && record.is_empty() => Committed::Ended,
                Action::Rename { .. } | Action::Rotate { .. } => issued(record)?,
                Action::Update { .. } | Action::Touch => {
                    commit.live.map_or(Committed::Lost, |_| Committed::Kept(Basis::default()))
                }
                Action::Remove => Committed::Ended,
                Action::Keep => Committed::Lost,
            })
        })
    }
}

fn issued(record: Record) -> Result<Committed, SessionError> {
    Ok(Committed::Issued(Token::Id(SessionId::generate()?), None, record))
}
