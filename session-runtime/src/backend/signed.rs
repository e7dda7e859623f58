//! Signed ids: what this server did not issue never reaches the store.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Backend, Commit, Committed, Found, Origin, Presented, Sessions, Token};
use crate::error::{SessionError, StoreError};
use crate::expiry::Roll;
use crate::id::SessionId;
use crate::seal::{self, KeyRing, Purpose, Signer};
use crate::store::BoxFuture;

/// A backend whose ids travel signed: the 24 bytes of the id are the contents of a signed token.
pub(crate) struct SignedIds {
    inner: Arc<dyn Backend>,
    signer: Signer,
}

impl SignedIds {
    /// # Panics
    ///
    /// If the cookie holds no id.
    #[track_caller]
    pub(crate) fn new(inner: Arc<dyn Backend>, keys: &KeyRing) -> Self {
        assert!(
            !inner.is_client_side(),
            "`signed_ids` is for stores on the server: a cookie that holds the session is no id, and sealed anyway: remove it"
        );
        Self { inner, signer: Signer::new(keys, Purpose::SignedId) }
    }
}

impl Backend for SignedIds {
    fn token(&self, value: &[u8], cookie: &str) -> Result<Presented, Origin> {
        let length = seal::text_len(SessionId::BYTES + Signer::OVERHEAD);
        let token = Some(value).filter(|value| value.len() == length).and_then(seal::from_text);
        let token = token.ok_or(Origin::UnknownId)?;
        let opened = self.signer.verify(cookie, &token).map_err(|_| Origin::BadSignature)?;
        let random = token[opened.contents].try_into().map_err(|_| Origin::UnknownId)?;
        Ok(Presented { token: Token::Id(SessionId::from_random(random)), stale: opened.is_stale })
    }

    fn value<'t>(&self, token: &'t Token, cookie: &str) -> Cow<'t, [u8]> {
        let Token::Id(id) = token else {
            return self.inner.value(token, cookie);
        };
        let mut signed = vec![0; Signer::PREFIX];
        signed.extend_from_slice(&id.to_random());
        self.signer.sign(cookie, &mut signed);
        seal::to_text(&signed).into()
    }

    fn is_client_side(&self) -> bool {
        self.inner.is_client_side()
    }

    fn load<'a>(
        &'a self,
        token: Token,
        cookie: &'a str,
        roll: Option<Roll>,
    ) -> BoxFuture<'a, Result<Found, StoreError>> {
        self.inner.load(token, cookie, roll)
    }

    fn commit<'a>(&'a self, commit: Commit<'a>) -> BoxFuture<'a, Result<Committed, SessionError>> {
        self.inner.commit(commit)
    }

    fn sessions(&self) -> Option<&dyn Sessions> {
        self.inner.sessions()
    }
}
