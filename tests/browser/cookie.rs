//! The session's cookie, where it is kept.

use crate::browser::Browser;
use crate::server::Server;

#[tokio::test]
async fn the_browser_accepts_the_cookie_with_its_host_prefix() {
    let server = Server::start(&[]);
    let browser = Browser::signed_in(&server).await;
    let cookie = browser.cookie().await.expect("the cookie");

    assert_eq!(cookie.name(), "__Host-id");
    assert_eq!(cookie.secure(), Some(true));
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.same_site().map(|policy| policy.to_string()).as_deref(), Some("Lax"));
    assert_eq!(cookie.path(), Some("/"));
    assert_eq!(cookie.domain(), Some("localhost"), "a domain with a dot would be for others too");
    assert_eq!(cookie.expires(), None, "it is gone when the browser closes");
}

#[tokio::test]
async fn no_script_reads_or_replaces_the_cookie() {
    let server = Server::start(&[]);
    let browser = Browser::signed_in(&server).await;
    let cookie = browser.cookie().await;
    assert!(cookie.is_some());

    let seen = browser.script("document.cookie = 'own=seen'; return document.cookie").await;
    assert_eq!(seen, "own=seen");
    browser.script("document.cookie = '__Host-id=planted; Secure; Path=/'; return document.cookie").await;
    assert_eq!(browser.cookie().await, cookie);
}
