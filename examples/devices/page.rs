//! The pages: HTML without scripts, and nothing in it that comes from elsewhere. All that somebody chose goes through [`escaped`].

use std::time::Duration;

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use session_examples::escaped;
use session_runtime::{SessionEntry, Timestamp};

use crate::token::Token;

/// A page, before its frame and its headers are put around it.
pub(crate) struct Page {
    status: StatusCode,
    title: &'static str,
    body: String,
}

/// A session, as it is shown.
pub(crate) struct Row {
    device: String,
    handle: String,
    is_this: bool,
    signed_in: String,
    last_seen: String,
}

impl Row {
    pub(crate) fn new(session: &SessionEntry, is_this: bool, now: Timestamp) -> Self {
        Self {
            device: session.description().unwrap_or("Unknown device").to_owned(),
            handle: session.handle().to_owned(),
            is_this,
            signed_in: ago(now.saturating_since(session.authenticated_at())),
            last_seen: ago(now.saturating_since(session.last_seen())),
        }
    }
}

pub(crate) fn sign_in(token: &Token, name: &str, notice: Option<&str>, mistake: Option<&str>) -> Page {
    let status = if mistake.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let body = format!(
        r#"<h1>Sign in</h1>{notice}{mistake}
<form class="card" method="post" action="/sign-in">{token}
<label for="name">Name</label>
<input id="name" name="name" value="{name}" required maxlength="64" autocomplete="username">
<label for="password">Password</label>
<input id="password" name="password" type="password" required autocomplete="current-password" aria-describedby="hint">
<p id="hint">Any name signs in with the password <strong>open sesame</strong>.</p>
<button class="main">Sign in</button>
</form>"#,
        notice = said("status", notice),
        mistake = said("alert", mistake),
        token = hidden(token),
        name = escaped(name),
    );
    Page::new(status, "Sign in", body)
}

pub(crate) fn sessions(user: &str, rows: &[Row], token: &Token, notice: Option<&str>) -> Page {
    let body = format!(
        r#"<h1>Where you are signed in</h1>
<p>You are <strong>{user}</strong>.</p>{notice}
<ul role="list">{rows}</ul>{others}"#,
        user = escaped(user),
        notice = said("status", notice),
        rows = rows.iter().map(|row| item(row, token)).collect::<String>(),
        others = if rows.len() > 1 { others(token) } else { "<p>You are signed in nowhere else.</p>".to_owned() },
    );
    Page::new(StatusCode::OK, "Where you are signed in", body)
}

fn item(row: &Row, token: &Token) -> String {
    let Row { device, handle, is_this, signed_in, last_seen } = row;
    let (device, handle, token) = (escaped(device), escaped(handle), hidden(token));
    if *is_this {
        format!(
            r#"
<li class="card row"><div><h2>{device} <span class="badge">This device</span></h2>
<p>Signed in {signed_in}</p></div>
<form method="post" action="/sign-out">{token}<button>Sign out</button></form></li>"#
        )
    } else {
        format!(
            r#"
<li class="card row"><div><h2>{device}</h2>
<p>Signed in {signed_in}, last seen {last_seen}</p></div>
<form method="post" action="/end">{token}<input type="hidden" name="session" value="{handle}">
<button aria-label="End session: {device}">End session</button></form></li>"#
        )
    }
}

fn others(token: &Token) -> String {
    format!(
        r#"
<form method="post" action="/end-others">{token}<button class="danger" aria-describedby="others">End all other sessions</button>
<p id="others">This asks for your password, unless you have just signed in.</p></form>"#,
        token = hidden(token)
    )
}

/// Asks for the password once more, and ends the other sessions with it.
pub(crate) fn confirm(token: &Token, mistake: Option<&str>) -> Page {
    let body = format!(
        r#"<h1>Is it you?</h1>{mistake}
<form class="card" method="post" action="/end-others">{token}
<p>You signed in a while ago. Your password ends all of your other sessions.</p>
<label for="password">Password</label>
<input id="password" name="password" type="password" required autocomplete="current-password">
<button class="main">End all other sessions</button>
</form>
<p><a href="/">Leave them as they are</a></p>"#,
        mistake = said("alert", mistake),
        token = hidden(token),
    );
    Page::new(StatusCode::FORBIDDEN, "Is it you?", body)
}

/// Says what to do where a form came without the token of its session.
pub(crate) fn refused() -> Page {
    let body = r#"<h1>Nothing was changed</h1>
<div class="card"><p>What was sent did not come from a page of this site that is up to date. Perhaps you signed in or out in another tab,
the page was open for long, or another site sent it.</p>
<p>Go on to see how things are, and try again there.</p>
<p><a href="/">Go on</a></p></div>"#;
    Page::new(StatusCode::FORBIDDEN, "Nothing was changed", body.to_owned())
}

fn hidden(token: &Token) -> String {
    format!(r#"<input type="hidden" name="token" value="{}">"#, escaped(token.as_str()))
}

fn said(role: &str, text: Option<&str>) -> String {
    text.map_or(String::new(), |text| format!(r#"<p role="{role}">{}</p>"#, escaped(text)))
}

/// How long ago something was: without a script the server does not know the visitor's time zone.
fn ago(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    let (count, unit) = match minutes {
        0 => return "just now".to_owned(),
        1..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

impl Page {
    fn new(status: StatusCode, title: &'static str, body: String) -> Self {
        Self { status, title, body }
    }
}

/// No content but the style of this server, forms that post to it alone, no frame in which a stranger could have them clicked, and no copy in a
/// cache: pages hold a token, and somebody's name.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let Self { status, title, body } = self;
        let html = format!(
            r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title><link rel="stylesheet" href="/style.css"></head>
<body><main>{body}</main></body></html>
"#
        );
        (status, HEADERS, Html(html)).into_response()
    }
}

/// A route of its own, so that the pages need no exception from their policy.
pub(crate) async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("style.css"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_said_in_one_unit() {
        let said = |seconds| ago(Duration::from_secs(seconds));
        assert_eq!(said(59), "just now");
        assert_eq!(said(60), "1 minute ago");
        assert_eq!(said(3599), "59 minutes ago");
        assert_eq!(said(7200), "2 hours ago");
        assert_eq!(said(86_400), "1 day ago");
        assert_eq!(said(30 * 86_400), "30 days ago");
    }
}
