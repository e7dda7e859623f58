//! Checks that each request does what its case says, before anything is measured.

use axum::{body::to_bytes, http::header::SET_COOKIE, response::Response};
use tokio::runtime::Runtime;

use crate::{
    Result,
    case::Case,
    client::Client,
    subjects::{COUNTER_PATH, SetsCookie, Subject},
};

pub(crate) fn verify(subject: &Subject, runtime: &Runtime) -> Result<()> {
    let mut client = Client::new(subject, runtime)?;
    runtime.block_on(async {
        for case in Case::ALL {
            let response = client.send(case.path(), case.sends_cookie()).await;
            answers_well(&response, case)?;
            sets_cookie_as_expected(subject, &response, case)?;
        }
        for _ in 0..2 {
            client.send(Case::AddOne.path(), true).await;
        }
        let expected = if subject.sets_cookie == SetsCookie::Never { "ok" } else { "3" };
        let response = client.send(COUNTER_PATH, true).await;
        let counter = to_bytes(response.into_body(), 100).await?;
        if counter != expected {
            return Err(format!("after three `add-one` the counter is {counter:?}, not {expected:?}").into());
        }
        Ok(())
    })
}

fn answers_well(response: &Response, case: Case) -> Result<()> {
    if !response.status().is_success() {
        return Err(format!("`{}` answers {}", case.name(), response.status()).into());
    }
    Ok(())
}

/// `add-one` is left out: whether a changed session renews its cookie is the subject's own business.
fn sets_cookie_as_expected(subject: &Subject, response: &Response, case: Case) -> Result<()> {
    let expected = match (subject.sets_cookie, case) {
        (_, Case::AddOne) => return Ok(()),
        (SetsCookie::Never, _) => false,
        (SetsCookie::WhenNeeded, case) => case == Case::Create,
        (SetsCookie::Always, _) => true,
    };
    if response.headers().contains_key(SET_COOKIE) != expected {
        let does = if expected { "answers no" } else { "answers a" };
        return Err(format!("`{}` {does} Set-Cookie", case.name()).into());
    }
    Ok(())
}
