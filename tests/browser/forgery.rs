//! Forms for the `devices` example that are in pages of other origins.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::server::Server;

/// Serves a page whose form posts this to one of a server's addresses; its port.
async fn trap(server: &Server, path: &str, fields: &[(&str, &str)]) -> u16 {
    let inputs: Vec<_> = fields.iter().map(|(name, value)| format!("<input name='{name}' value='{value}'>")).collect();
    let inputs = inputs.concat();
    let action = format!("{}{path}", server.address());
    let page = format!("<form method=post action='{action}'>{inputs}<button>You have won</button></form>");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let app = Router::new().route("/", get(async || Html(page)));
    tokio::spawn(async { axum::serve(listener, app).await });
    port
}

async fn falls_into(browser: &Browser, trap: &str) {
    browser.visit(trap).await;
    browser.press("You have won").await;
    browser.sees_page("Nothing was changed").await;
}

async fn signed_in_twice(server: &Server) -> (Browser, Browser) {
    let (first, second) = (Browser::start().await, Browser::start().await);
    for browser in [&first, &second] {
        browser.open(server).await;
        browser.sign_in("Ada", "open sesame").await;
        browser.sees_page("Where you are signed in").await;
    }
    (first, second)
}

/// Another port of a host is another origin, and the same site: `SameSite` lets its forms have the cookie.
#[tokio::test]
async fn s29_a_form_of_another_origin_of_this_site_changes_nothing() {
    let server = Server::devices();
    let (browser, other) = signed_in_twice(&server).await;
    let cookie = browser.cookie().await;

    for (path, token) in [("sign-out", ""), ("end-others", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
        let port = trap(&server, path, &[("token", token), ("password", "open sesame")]).await;
        falls_into(&browser, &format!("http://localhost:{port}/")).await;
    }
    assert_eq!(browser.cookie().await, cookie);
    for browser in [browser, other] {
        browser.open(&server).await;
        browser.sees("You are Ada.").await;
        assert_eq!(browser.headings().await.len(), 2);
    }
}

/// Such a form comes without the cookie, and would sign the visitor in as somebody else.
#[tokio::test]
async fn s29_a_sign_in_that_another_site_sends_signs_nobody_in() {
    let server = Server::devices();
    let fields = [("token", ""), ("name", "Mallory"), ("password", "open sesame")];
    let port = trap(&server, "sign-in", &fields).await;
    let (browser, _other) = signed_in_twice(&server).await;
    falls_into(&browser, &format!("http://127.0.0.1:{port}/")).await;
    browser.open(&server).await;
    browser.sees("You are Ada.").await;

    let visitor = Browser::start().await;
    falls_into(&visitor, &format!("http://127.0.0.1:{port}/")).await;
    visitor.open(&server).await;
    visitor.sees_sign_in().await;
}
