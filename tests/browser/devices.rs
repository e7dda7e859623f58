//! The `devices` example: who is signed in where, and is signed out from elsewhere.

use fantoccini::key::Key;

use crate::browser::Browser;
use crate::server::Server;

const LIST: &str = "Where you are signed in";
const THIS: &str = "Firefox on Linux This device";
const OTHER: &str = "Safari on iPhone";

/// Ada, in two browsers: at her desk, and on the phone.
async fn desk_and_phone(server: &Server) -> (Browser, Browser) {
    let desk = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1";
    (signed_in(server, desk).await, signed_in(server, phone).await)
}

async fn signed_in(server: &Server, agent: &str) -> Browser {
    let browser = Browser::called(agent).await;
    browser.open(server).await;
    browser.sign_in("Ada", "open sesame").await;
    browser.sees_page(LIST).await;
    browser
}

#[tokio::test]
async fn each_session_is_listed_and_one_is_this_device() {
    let server = Server::devices();
    let (desk, phone) = desk_and_phone(&server).await;
    desk.open(&server).await;
    assert_eq!(desk.headings().await, [THIS, OTHER]);
    assert_eq!(phone.headings().await, ["Safari on iPhone This device", "Firefox on Linux"]);
}

#[tokio::test]
async fn a_session_that_is_ended_elsewhere_is_signed_out_at_its_next_click() {
    let server = Server::devices();
    let (desk, phone) = desk_and_phone(&server).await;
    desk.open(&server).await;
    desk.press_of(OTHER).await;
    desk.sees("That session has ended.").await;
    assert_eq!(desk.headings().await, [THIS]);

    phone.press_of("Firefox on Linux").await;
    phone.sees_page("Nothing was changed").await;
    phone.follow("Go on").await;
    phone.sees_sign_in().await;
    desk.open(&server).await;
    assert_eq!(desk.headings().await, [THIS], "whoever was signed out ends nothing");
}

#[tokio::test]
async fn all_others_end_at_once_and_this_one_stays() {
    let server = Server::devices();
    let (desk, phone) = desk_and_phone(&server).await;
    let (tablet, _) = desk_and_phone(&server).await;
    desk.open(&server).await;
    assert_eq!(desk.headings().await.len(), 4);

    desk.press("End all other sessions").await;
    desk.sees("3 other sessions have ended.").await;
    assert_eq!(desk.headings().await, [THIS]);
    for other in [phone, tablet] {
        other.open(&server).await;
        other.sees_sign_in().await;
    }
}

#[tokio::test]
async fn a_sign_out_ends_this_session_and_no_other() {
    let server = Server::devices();
    let (desk, phone) = desk_and_phone(&server).await;
    desk.press("Sign out").await;
    desk.sees("You are signed out.").await;
    desk.open(&server).await;
    desk.sees_sign_in().await;
    phone.open(&server).await;
    assert_eq!(phone.headings().await, ["Safari on iPhone This device"]);
}

#[tokio::test]
async fn a_keyboard_is_enough() {
    let server = Server::devices();
    let (desk, phone) = desk_and_phone(&server).await;
    desk.press("Sign out").await;
    desk.sees_page("Sign in").await;
    desk.type_text("\u{e004}Ada\u{e004}open sesame\u{e007}").await;
    desk.sees_page(LIST).await;

    desk.tab_to("End session: Safari on iPhone", Key::Enter).await;
    desk.sees("That session has ended.").await;
    phone.open(&server).await;
    phone.sees_sign_in().await;
}
