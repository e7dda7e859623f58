//! The token that tells forms of this server's pages from those of anybody else's.

use axum::RequestExt as _;
use axum::extract::{Form, FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use session_runtime::{Session, SessionError};
use subtle::ConstantTimeEq as _;

use crate::{Account, page};

/// 192 random bits, as 32 base64url characters. It has no `Debug`, being a secret.
#[derive(Serialize, Deserialize)]
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn generate() -> Result<Self, Failure> {
        let mut random = [0; 24];
        getrandom::fill(&mut random).map_err(Failure::Random)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(random)))
    }

    /// For a hidden field of a form, and nothing else.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// In constant time: how long it takes tells nothing of where the two differ.
    fn is(&self, sent: &str) -> bool {
        self.0.as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

/// A form that was sent from a page of this session's; a handler that takes one does not run for any other.
pub(crate) struct Genuine<T>(pub(crate) T);

/// A form as it is sent, with the hidden field.
#[derive(Deserialize)]
struct Sent<T> {
    token: String,
    #[serde(flatten)]
    form: T,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Genuine<T> {
    type Rejection = Response;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Response> {
        let account = request.extract_parts::<Option<Session<Account>>>().await.map_err(IntoResponse::into_response)?;
        let sent = Form::<Sent<T>>::from_request(request, state).await;
        match (account.as_ref().and_then(|account| account.token()), sent) {
            (Some(token), Ok(Form(sent))) if token.is(&sent.token) => Ok(Self(sent.form)),
            // Begins no session: its cookie would replace the visitor's own, which the browser did not send with the form of another site.
            _ => Err(page::refused().into_response()),
        }
    }
}

/// Why there is no page to show.
pub(crate) enum Failure {
    Session(SessionError),
    Random(getrandom::Error),
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Session(error) => error.into_response(),
            Self::Random(error) => {
                eprintln!("no token for a form: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_and_no_other() {
        let (Ok(one), Ok(other)) = (Token::generate(), Token::generate()) else { panic!("no random bytes") };
        assert_eq!(one.as_str().len(), 32);
        assert!(one.is(one.as_str()));
        assert!(!one.is(other.as_str()));
        assert!(!one.is(&one.as_str()[..31]));
        assert!(!one.is(""));
    }
}
