//! Where you are signed in: a list of your sessions, and buttons that end them.
//!
//! ```text
//! $ cargo run --example devices
//! ```
//!
//! Open <http://localhost:3000> in two browsers, or in a window and a private one, and sign in to both under one name; any name signs in with the
//! password `open sesame`. Each shows the other, and a session that one ends is signed out at its next click. Sessions are in the file `devices.db`,
//! or in the one that `SESSIONS` names. A real application asks a database for names and hashes of passwords, and slows down who guesses.
//!
//! # Forms and CSRF
//!
//! A page of somebody else can hold a form that posts to this server, and the browser may send it with the visitor's cookie. So every form here
//! has a token that only pages of this server show:
//!
//! 1. it is a field of the session, 192 random bits, so a token of one session is worth nothing in another;
//! 2. every sign-in makes a new one, and a sign-out ends it with its session: whoever saw it before does not know it after;
//! 3. handlers take their forms by [`Genuine`](token::Genuine), which compares it, in constant time, before they run;
//! 4. the form for the sign-in has one too, or a stranger could sign the visitor in to an account of *his*, and read there what the visitor
//!    leaves. The session that keeps it is nobody's, and ends after half an hour.
//!
//! `SameSite=Lax`, the cookie's default, is not enough: a *site* is wider than this server (every port of `localhost`, every `*.example.com`), and a
//! form for a sign-in needs no cookie to do harm.

mod agent;
mod page;
mod token;

#[cfg(test)]
mod tests;

use std::env;
use std::error::Error;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use session_runtime::backend::Backend;
use session_runtime::{
    Event, EventKind, Evict, Except, Expiry, Origin, Session, SessionLayer, SessionRegistry, SqliteStore, session,
};

use self::page::Row;
use self::token::{Failure, Genuine, Token};

#[derive(Session)]
struct Account {
    /// Who is signed in: whenever it is set, the session gets a new id, and is listed under this name.
    #[session(principal)]
    user: Option<String>,
    /// The token in every form of this session.
    token: Option<Token>,
    /// What the next page says, once.
    notice: Option<String>,
}

const PASSWORD: &str = "open sesame";

/// For how long a sign-in is recent enough to end all other sessions.
const RECENT: Duration = Duration::from_mins(5);

/// The list of the visitor's sessions, this one first.
#[session(autoload)]
async fn home(State(registry): State<SessionRegistry>, account: &mut Session<Account>) -> Result<Response, Failure> {
    let Some(user) = account.user().cloned() else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let mut sessions = registry.sessions_of(&user).await?;
    sessions.sort_by_key(|session| !session.is(account));
    let now = SystemTime::now().into();
    let rows: Vec<_> = sessions.iter().map(|session| Row::new(session, session.is(account), now)).collect();
    let notice = account.take_notice();
    Ok(page::sessions(&user, &rows, token_of(account)?, notice.as_deref()).into_response())
}

#[session(autoload)]
async fn sign_in_form(account: &mut Session<Account>) -> Result<Response, Failure> {
    if account.user().is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    let notice = match account.origin() {
        Origin::UnknownId | Origin::Expired => Some(HAS_ENDED.to_owned()),
        _ => account.take_notice(),
    };
    Ok(page::sign_in(token_of(account)?, "", notice.as_deref(), None).into_response())
}

const HAS_ENDED: &str =
    "The session of this browser has ended: somebody ended it from another device, or it was not used for long.";

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

#[session(autoload)]
async fn sign_in(
    account: &mut Session<Account>,
    headers: HeaderMap,
    Genuine(credentials): Genuine<Credentials>,
) -> Result<Response, Failure> {
    let name = credentials.name.trim();
    let mistake = match name.chars().count() {
        1..=64 if name.contains(char::is_control) => Some("That is not a name."),
        1..=64 if credentials.password != PASSWORD => Some("That is not the password."),
        1..=64 => None,
        _ => Some("A name has 1 to 64 characters."),
    };
    if mistake.is_some() {
        return Ok(page::sign_in(token_of(account)?, name, None, mistake).into_response());
    }
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    account.describe(&agent::device(agent));
    account.set_user(name);
    account.set_token(Token::generate()?);
    Ok(Redirect::to("/").into_response())
}

#[session(autoload)]
async fn sign_out(account: &mut Session<Account>, _: Genuine<()>) -> Redirect {
    account.destroy();
    // This begins a new session, under another id, and without a token.
    account.set_notice("You are signed out.");
    Redirect::to("/sign-in")
}

#[derive(Deserialize)]
struct Chosen {
    session: String,
}

/// Ends one of the visitor's sessions: the handle in the form is looked for among these alone.
#[session(autoload)]
async fn end(
    State(registry): State<SessionRegistry>,
    account: &mut Session<Account>,
    Genuine(chosen): Genuine<Chosen>,
) -> Result<Redirect, Failure> {
    if let Some(user) = account.user() {
        let ended = registry.revoke(user, &chosen.session).await?;
        account.set_notice(if ended { "That session has ended." } else { "That session had ended already." });
    }
    Ok(Redirect::to("/"))
}

#[derive(Deserialize)]
struct Confirmation {
    password: Option<String>,
}

/// Ends all of the visitor's sessions but this one. It asks for the password, unless that was given a moment ago: a stranger who finds the browser
/// open does not know it.
#[session(autoload)]
async fn end_others(
    State(registry): State<SessionRegistry>,
    account: &mut Session<Account>,
    Genuine(confirmation): Genuine<Confirmation>,
) -> Result<Response, Failure> {
    let Some(user) = account.user().cloned() else {
        return Ok(Redirect::to("/").into_response());
    };
    match confirmation.password {
        Some(password) if password == PASSWORD => {
            // The same user, set again: this counts as a sign-in.
            account.set_user(user.as_str());
            account.set_token(Token::generate()?);
        }
        Some(_) => return Ok(page::confirm(token_of(account)?, Some("That is not the password.")).into_response()),
        None if account.require_recent(RECENT).is_err() => {
            return Ok(page::confirm(token_of(account)?, None).into_response());
        }
        None => {}
    }
    let ended = registry.revoke_all(&user, Except::This(account)).await?;
    account.set_notice(match ended {
        1 => "1 other session has ended.".to_owned(),
        _ => format!("{ended} other sessions have ended."),
    });
    Ok(Redirect::to("/").into_response())
}

/// The token of this session's forms, made for the first of them.
fn token_of(account: &mut Session<Account>) -> Result<&Token, Failure> {
    match account.token_mut() {
        Some(token) => Ok(token),
        none => Ok(none.insert(Token::generate()?)),
    }
}

/// At most five sessions for each name; those of visitors who have not signed in end after half an hour.
fn sessions(store: impl Backend) -> SessionLayer {
    SessionLayer::new(store)
        .expiry(Expiry::default().anonymous(Duration::from_mins(30)).touch_after(Duration::from_mins(1)))
        .limit(5, Evict::Oldest)
        .on_event(audit)
}

/// Writes down what becomes of sessions; nothing in it could be used to sign in.
fn audit(event: &Event<'_>) {
    if event.kind() != EventKind::Loaded {
        eprintln!("session {}: {event}", event.fingerprint().as_deref().unwrap_or("-"));
    }
}

fn app(sessions: SessionLayer) -> Router {
    let registry = sessions.registry();
    Router::new()
        .route("/", get(home))
        .route("/sign-in", get(sign_in_form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/end", post(end))
        .route("/end-others", post(end_others))
        .with_state(registry)
        .layer(sessions)
        .route("/style.css", get(page::style))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::var("SESSIONS").unwrap_or_else(|_| "devices.db".to_owned());
    let store = SqliteStore::connect(file).await?;
    store.migrate().await?;
    let _reaper = store.reaper(Duration::from_mins(5));
    Ok(axum::serve(session_examples::listen().await?, app(sessions(store))).await?)
}
