//! Tokens stay where they belong: security lines 25 and 40.

use axum::http::StatusCode;
use axum::response::Redirect;
use session_runtime::{Expiry, SessionHandle, SessionLayer};
use session_tests::{Keeping, Kept, Logs, Notes, load, over_every_store};
use std::time::Duration;

use super::foreign;

over_every_store!(
    s25_no_log_line_of_a_whole_life_shows_a_token,
    s25_debug_of_a_response_shows_no_token,
    s40_no_page_and_no_redirect_holds_the_token,
);

/// Signs in, and sends the browser elsewhere.
async fn sign_in(handle: SessionHandle) -> Redirect {
    let mut notes = load::<Notes>(&handle).await;
    notes.set_some("hunter2");
    notes.regenerate_id();
    Redirect::to("/view")
}

fn hour(layer: SessionLayer) -> SessionLayer {
    layer.expiry(Expiry::idle(Duration::from_hours(1)))
}

/// Every token of a life from its beginning past its end, and whatever is refused.
async fn whole_life(kept: &mut Kept) -> Vec<String> {
    let mut tokens = vec![foreign(kept.keeping).await];
    kept.hold(&tokens[0]);
    for path in ["/view", "/update?some=hunter2", "/count", "/view", "/count"] {
        kept.get(path).await;
        tokens.push(kept.held());
        kept.wait(Duration::from_mins(10));
    }
    kept.act(sign_in).await;
    tokens.push(kept.held());
    let failing = async |handle: SessionHandle| {
        load::<Notes>(&handle).await.set_some("x".repeat(5000));
        StatusCode::BAD_GATEWAY
    };
    kept.act(failing).await;
    kept.get(&format!("/update?some={}", "x".repeat(5000))).await;
    tokens.extend(kept.id().map(str::to_owned));
    kept.get("/destroy").await;
    kept.wait(Duration::from_hours(1));
    for token in tokens.clone() {
        for odd in [token.clone(), token[..token.len() - 1].to_owned(), format!("A{}", &token[1..])] {
            kept.hold(&odd);
            kept.get("/count").await;
        }
    }
    tokens
}

async fn s25_no_log_line_of_a_whole_life_shows_a_token(keeping: Keeping) {
    let mut kept = Kept::with(keeping, hour);
    let logs = Logs::capture_all();
    let tokens = whole_life(&mut kept).await;
    assert!(tokens.len() > 6 && !logs.text().is_empty());
    assert!(!logs.text().contains("hunter2"), "{}", logs.text());
    for token in tokens {
        // Nor any part of one that is long enough to search for.
        for part in token.as_bytes().chunks_exact(16) {
            let part = str::from_utf8(part).expect("text");
            assert!(!logs.text().contains(part), "{part} in {}", logs.text());
        }
    }
}

async fn s25_debug_of_a_response_shows_no_token(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    let answer = kept.get("/update?some=data").await;
    assert!(!format!("{:?}", answer.headers).contains(&kept.held()));
}

async fn s40_no_page_and_no_redirect_holds_the_token(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    let mut answers = Vec::new();
    for path in ["/update?some=data", "/view", "/origin"] {
        answers.push((kept.get(path).await, kept.held()));
    }
    answers.push((kept.act(sign_in).await, kept.held()));
    assert!(answers.last().is_some_and(|(answer, _)| answer.status == StatusCode::SEE_OTHER));
    for (answer, token) in answers {
        assert!(!answer.text().contains(&token), "{}", answer.text());
        let mut headers = answer.headers;
        headers.remove("set-cookie");
        assert!(!format!("{headers:?}").contains(&token), "{headers:?}");
    }
}
