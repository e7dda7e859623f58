//! Loading before anyone asks: T55.

use axum::Router;
use axum::routing::any;
use session_runtime::{Autoload, SessionHandle};

use session_tests::{Notes, Site};

/// Says whether the session was loaded when the handler began.
async fn is_loaded(handle: SessionHandle) -> &'static str {
    match handle.get::<Notes>() {
        Ok(_) => "loaded",
        Err(error) if error.is_not_loaded() => "not loaded",
        Err(_) => "failed",
    }
}

/// The site with this autoload, whose client has a session.
async fn site(autoload: Option<Autoload>) -> Site {
    let app = Router::new().fallback(any(is_loaded));
    let mut site = Site::of(app, |layer| match autoload {
        Some(autoload) => layer.autoload(autoload),
        None => layer,
    });
    site.plant(&[("some", br#""data""#)]).await;
    site
}

/// Asserts which of the paths are loaded, and that the store is asked for no others.
async fn assert_loaded(site: &mut Site, paths: &[(&str, bool)]) {
    for (path, loaded) in paths {
        let expected = if *loaded { ("loaded", "1 load") } else { ("not loaded", "none") };
        let answer = site.get(path).await;
        let seen = (answer.text(), &*site.calls());
        assert_eq!(seen, expected, "{path}");
    }
}

const PATHS: [(&str, bool); 12] = [
    ("/app", true),
    ("/app/", true),
    ("/app/1/users", true),
    ("/app?page=1", true),
    ("/admin/settings", true),
    ("/", false),
    ("/apples", false),
    ("/app-store", false),
    ("/administrator", false),
    ("/other/app", false),
    ("/App", false),
    ("/?path=/app", false),
];

#[tokio::test]
async fn t55_nothing_is_loaded_unless_asked_for() {
    let paths = PATHS.map(|(path, _)| (path, false));
    assert_loaded(&mut site(None).await, &paths).await;
}

#[tokio::test]
async fn t55_always_means_every_path() {
    let paths = PATHS.map(|(path, _)| (path, true));
    assert_loaded(&mut site(Some(Autoload::always())).await, &paths).await;
}

#[tokio::test]
async fn t55_a_listed_path_means_itself_and_what_is_below_but_not_its_namesakes() {
    let autoload = Autoload::paths(["/admin", "/app"]);
    assert_loaded(&mut site(Some(autoload)).await, &PATHS).await;
}

#[tokio::test]
async fn t55_a_slash_at_the_end_of_a_listed_path_means_nothing() {
    let autoload = Autoload::paths(["/admin/", "/app/"]);
    assert_loaded(&mut site(Some(autoload)).await, &PATHS).await;
}

#[tokio::test]
async fn t55_a_condition_decides_by_the_whole_request() {
    let autoload = Autoload::when(|parts| parts.uri.query() == Some("page=1"));
    let paths = PATHS.map(|(path, _)| (path, path == "/app?page=1"));
    assert_loaded(&mut site(Some(autoload)).await, &paths).await;
}

#[tokio::test]
async fn t55_what_is_loaded_and_not_changed_costs_no_more_than_its_load() {
    let mut site = site(Some(Autoload::always())).await;
    let answer = site.get("/").await;
    assert!(answer.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
}

#[tokio::test]
async fn t55_a_visitor_without_a_cookie_is_loaded_without_a_call() {
    let site = site(Some(Autoload::always())).await;
    let mut visitor = site.client.other();
    assert_eq!(visitor.get("/").await.text(), "loaded");
    assert_eq!(site.calls(), "none");
}
