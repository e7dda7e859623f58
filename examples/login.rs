//! Sign-in, sign-out, and a message that the next page shows once: `cargo run --example login`.
//!
//! Sessions are in the cookie itself, sealed, so they outlive the server if it finds its key again, here in the environment:
//!
//! ```sh
//! export SESSION_KEY=$(openssl rand -base64 32)
//! ```
//!
//! To change keys, move the old one to `SESSION_OLD_KEY`: what it sealed still opens, and nobody is signed out.
//!
//! Any name signs in with the password `open sesame`. A real application asks a database, and protects its forms with a token, as the example
//! `devices` does; here `SameSite=Lax`, the default, keeps other sites from posting to them.

use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use session_examples::escaped;
use session_runtime::{CookieStore, Key, KeyError, KeyRing, Session, SessionLayer, session};
use std::error::Error;
use std::time::Duration;

#[derive(Session)]
struct Account {
    /// Who is signed in.
    user: Option<User>,
    /// What the next page says, once.
    flash: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct User {
    name: String,
}

#[session(autoload)]
async fn home(account: &mut Session<Account>) -> Html<String> {
    let flash = account.take_flash().map_or(String::new(), |text| format!("<p role=status>{}</p>", escaped(&text)));
    let body = match account.user() {
        Some(user) => format!(
            "<p>You are <strong>{}</strong>.</p><form method=post action=/sign-out><button>Sign out</button></form>",
            escaped(&user.name)
        ),
        None => SIGN_IN.to_owned(),
    };
    Html(format!("{HEAD}{flash}{body}"))
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
    remember: Option<String>,
}

#[session(autoload)]
async fn sign_in(account: &mut Session<Account>, Form(credentials): Form<Credentials>) -> Redirect {
    if credentials.password != "open sesame" {
        account.set_flash("That is not the password.");
        return Redirect::to("/");
    }
    // An id that somebody planted before the sign-in is worth nothing after it.
    account.regenerate_id();
    account.set_flash(format!("Welcome, {}!", credentials.name));
    account.set_user(User { name: credentials.name });
    if credentials.remember.is_some() {
        account.set_lifetime(Duration::from_hours(30 * 24));
    }
    Redirect::to("/")
}

#[session(autoload)]
async fn sign_out(account: &mut Session<Account>) -> Redirect {
    account.destroy();
    // This begins a new session, under another id.
    account.set_flash("Goodbye.");
    Redirect::to("/")
}

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>
<title>Sign in</title><style>body{font:1rem/1.5 system-ui;max-width:24rem;margin:3rem auto;padding:0 1rem}
label,input,button{display:block;width:100%;box-sizing:border-box;margin:.3rem 0 .8rem;font:inherit}
input[type=checkbox]{display:inline;width:auto;margin-right:.5rem}
[role=status]{background:#eef;padding:.5rem 1rem;border-radius:.3rem}</style><h1>Session</h1>";

const SIGN_IN: &str = "<form method=post action=/sign-in>
<label>Name<input name=name required autocomplete=username></label>
<label>Password (open sesame)<input name=password type=password required autocomplete=current-password></label>
<label><input name=remember type=checkbox>Keep me signed in</label>
<button>Sign in</button></form>";

/// The key that seals, and the old one that still opens, if there is one.
fn keys() -> Result<KeyRing, KeyError> {
    let key = if let Some(key) = given("SESSION_KEY")? {
        key
    } else {
        println!("without SESSION_KEY, sessions end with this process");
        Key::generate()?
    };
    let keys = KeyRing::new(key);
    Ok(match given("SESSION_OLD_KEY")? {
        Some(old) => keys.opens(old),
        None => keys,
    })
}

/// The key in a variable, if it is set.
fn given(variable: &str) -> Result<Option<Key>, KeyError> {
    match Key::from_env(variable) {
        Err(error) if error.is_missing() => Ok(None),
        key => key.map(Some),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = Router::new()
        .route("/", get(home))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .layer(SessionLayer::new(CookieStore::new(keys()?)));
    let listener = session_examples::listen().await?;
    Ok(axum::serve(listener, app).await?)
}
