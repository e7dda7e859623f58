//! A visitor: headless Chromium, with a profile of its own, driven over `WebDriver`.

use std::env;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use fantoccini::cookies::Cookie;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::{Capabilities, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::process::{Folder, Process};
use crate::server::Server;

/// How long a page may take to show what it is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // The browser ends when the driver does, however that comes.
    "--remote-debugging-pipe",
];

/// A browser that has been nowhere yet; it ends when this is dropped.
pub(crate) struct Browser {
    client: Client,
    _driver: Driver,
}

impl Browser {
    /// Starts a browser.
    pub(crate) async fn start() -> Self {
        Self::launch(&[]).await
    }

    /// Starts a browser that says this of itself.
    pub(crate) async fn called(agent: &str) -> Self {
        Self::launch(&[&format!("--user-agent={agent}")]).await
    }

    async fn launch(more: &[&str]) -> Self {
        let driver = Driver::start();
        let arguments = [&ARGUMENTS, more].concat();
        let mut options = json!({ "args": arguments });
        if let Ok(program) = env::var("CHROMIUM") {
            options["binary"] = program.into();
        }
        let capabilities = Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let address = format!("http://localhost:{}", driver.port);
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&address).await;
        let client = client.expect("Chromium, which `cargo xtask test` provides");
        Self { client, _driver: driver }
    }

    /// Starts a browser and signs in as Ada.
    pub(crate) async fn signed_in(server: &Server) -> Self {
        let browser = Self::start().await;
        browser.open(server).await;
        browser.sign_in("Ada", "open sesame").await;
        browser.sees("You are Ada.").await;
        browser
    }

    /// Goes to the first page of a server.
    pub(crate) async fn open(&self, server: &Server) {
        self.visit(&server.address()).await;
    }

    /// Goes to a page.
    pub(crate) async fn visit(&self, address: &str) {
        self.client.goto(address).await.expect("a page");
    }

    /// Fills in the form that is shown, and sends it.
    pub(crate) async fn sign_in(&self, name: &str, password: &str) {
        self.find("//input[@name='name']").await.send_keys(name).await.expect("a name");
        self.find("//input[@name='password']").await.send_keys(password).await.expect("a password");
        self.press("Sign in").await;
    }

    /// Presses a button.
    pub(crate) async fn press(&self, button: &str) {
        self.find(&format!("//button[.='{button}']")).await.click().await.expect("a click");
    }

    /// Follows a link.
    pub(crate) async fn follow(&self, link: &str) {
        self.find(&format!("//a[.='{link}']")).await.click().await.expect("a click");
    }

    /// Presses the button of the entry of a list that is headed so.
    pub(crate) async fn press_of(&self, heading: &str) {
        self.find(&format!("//li[.//h2[.='{heading}']]//button")).await.click().await.expect("a click");
    }

    /// Presses the Tab key until a button of this name has the focus, then a key on it.
    pub(crate) async fn tab_to(&self, button: &str, key: Key) {
        self.type_text(&char::from(Key::Tab).to_string()).await;
        let name = "const button = document.activeElement; return button.ariaLabel ?? button.textContent";
        while self.script(name).await != button {
            let at_end = self.script("return String(document.activeElement === document.body)").await;
            assert_eq!(at_end, "false", "the focus came to no button `{button}`");
            self.type_text(&char::from(Key::Tab).to_string()).await;
        }
        self.type_text(&char::from(key).to_string()).await;
    }

    /// Types into whatever has the focus.
    pub(crate) async fn type_text(&self, text: &str) {
        let focused = self.client.active_element().await.expect("a page");
        focused.send_keys(text).await.expect("keys");
    }

    /// What all headings of the second level say, in their order.
    pub(crate) async fn headings(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for heading in self.client.find_all(Locator::Css("h2")).await.expect("a page") {
            texts.push(heading.text().await.expect("text"));
        }
        texts
    }

    /// Waits for a paragraph that says this.
    pub(crate) async fn sees(&self, text: &str) {
        self.find(&format!("//p[.='{text}']")).await;
    }

    /// Waits for a heading of the first level that says this.
    pub(crate) async fn sees_page(&self, heading: &str) {
        self.find(&format!("//h1[.='{heading}']")).await;
    }

    /// Waits for the form of somebody who is not signed in.
    pub(crate) async fn sees_sign_in(&self) {
        self.find("//form[@action='/sign-in']").await;
    }

    /// Goes on in a new tab, and answers which one it left.
    pub(crate) async fn new_tab(&self) -> WindowHandle {
        let left = self.client.window().await.expect("a tab");
        let tab = self.client.new_window(true).await.expect("a new tab");
        self.switch_to(tab.handle).await;
        left
    }

    /// Goes on in this tab.
    pub(crate) async fn switch_to(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.expect("the tab");
    }

    /// The session's cookie, as the browser keeps it.
    pub(crate) async fn cookie(&self) -> Option<Cookie<'static>> {
        let cookies = self.client.get_all_cookies().await.expect("the cookies");
        cookies.into_iter().find(|cookie| cookie.name() == "__Host-id")
    }

    /// What a script in the page answers.
    pub(crate) async fn script(&self, script: &str) -> String {
        let answer = self.client.execute(script, Vec::new()).await.expect("an answer");
        answer.as_str().expect("text").to_owned()
    }

    async fn find(&self, path: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(20));
        match wait.for_element(Locator::XPath(path)).await {
            Ok(element) => element,
            Err(error) => panic!("no {path}: {error}\n{}", self.client.source().await.expect("the page")),
        }
    }
}

/// `chromedriver`, which starts the browser with a fresh profile, and ends it.
struct Driver {
    port: u16,
    // Ends before its folder goes.
    _process: Process,
    _folder: Folder,
}

impl Driver {
    fn start() -> Self {
        let program = env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let folder = Folder::create();
        let mut command = Command::new(program);
        command.arg("--port=0").env("TMPDIR", folder.path());
        let (process, port) = Process::listening(&mut command, "successfully on port ");
        Self { port, _process: process, _folder: folder }
    }

    /// Asks the driver to end, and waits until it has.
    fn shut_down(&self) -> io::Result<()> {
        let mut connection = TcpStream::connect(("localhost", self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        connection.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        connection.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Where it does not answer, it is killed next.
        let _ = self.shut_down();
    }
}
