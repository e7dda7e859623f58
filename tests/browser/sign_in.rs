//! Sign-in and sign-out.

use crate::browser::Browser;
use crate::server::Server;

#[tokio::test]
async fn a_sign_in_lasts_until_the_sign_out() {
    let server = Server::start(&[]);
    let browser = Browser::start().await;
    browser.open(&server).await;
    assert_eq!(browser.cookie().await, None, "a visitor without data has no cookie");

    browser.sign_in("Ada", "open sesame").await;
    browser.sees("Welcome, Ada!").await;
    browser.open(&server).await;
    browser.sees("You are Ada.").await;

    browser.press("Sign out").await;
    browser.sees("Goodbye.").await;
    browser.sees_sign_in().await;
    // The page that said goodbye took the last that the session held.
    assert_eq!(browser.cookie().await, None);
    browser.open(&server).await;
    browser.sees_sign_in().await;
}

#[tokio::test]
async fn another_password_signs_nobody_in() {
    let server = Server::start(&[]);
    let browser = Browser::start().await;
    browser.open(&server).await;
    browser.sign_in("Ada", "open barley").await;
    browser.sees("That is not the password.").await;
    browser.sees_sign_in().await;
}
