//! What becomes of a sealed cookie when the server comes back, with its key or with others.

use crate::browser::Browser;
use crate::server::Server;

const KEY: &str = "4kXk1bTqSIiVjZ3mGqjVwCTWpB2v6mY0lZ0Qh1sQe7A=";
const OTHER_KEY: &str = "c3a7d1f09b5e4826c3a7d1f09b5e4826c3a7d1f09b5e4826c3a7d1f09b5e4826";

#[tokio::test]
async fn a_restart_signs_nobody_out() {
    let server = Server::start(&[("SESSION_KEY", KEY)]);
    let browser = Browser::signed_in(&server).await;

    let server = server.restart(&[("SESSION_KEY", KEY)]);
    browser.open(&server).await;
    browser.sees("You are Ada.").await;
}

#[tokio::test]
async fn a_new_key_signs_nobody_out_and_seals_what_is_written_from_then_on() {
    let server = Server::start(&[("SESSION_KEY", KEY)]);
    let browser = Browser::start().await;
    browser.open(&server).await;
    let left_open = browser.new_tab().await;
    browser.open(&server).await;
    browser.sign_in("Ada", "open sesame").await;
    browser.sees("You are Ada.").await;

    let server = server.restart(&[("SESSION_KEY", OTHER_KEY), ("SESSION_OLD_KEY", KEY)]);
    browser.open(&server).await;
    browser.sees("You are Ada.").await;
    // The message is written, the account is not.
    browser.switch_to(left_open).await;
    browser.sign_in("Ada", "open barley").await;
    browser.sees("That is not the password.").await;

    let server = server.restart(&[("SESSION_KEY", OTHER_KEY)]);
    browser.open(&server).await;
    browser.sees("You are Ada.").await;
}

#[tokio::test]
async fn a_cookie_of_an_unknown_key_is_a_visitor_who_can_sign_in() {
    let server = Server::start(&[("SESSION_KEY", KEY)]);
    let browser = Browser::signed_in(&server).await;

    let server = server.restart(&[("SESSION_KEY", OTHER_KEY)]);
    browser.open(&server).await;
    browser.sign_in("Grace", "open sesame").await;
    browser.sees("You are Grace.").await;
}

#[tokio::test]
async fn without_a_key_sessions_end_with_the_process() {
    let server = Server::start(&[]);
    let browser = Browser::signed_in(&server).await;

    let server = server.restart(&[]);
    browser.open(&server).await;
    browser.sees_sign_in().await;
}
