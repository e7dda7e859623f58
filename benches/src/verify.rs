//! Checks that each request does what its case says, before anything is measured.

use axum::{body::to_bytes, http::header::SET_COOKIE, response::Response};

use crate::{
    Result,
    case::Case,
    client::Client,
    site::Site,
    subjects::{COUNTER_PATH, SetsCookie, Subject},
};

pub(crate) fn verify(subject: &Subject, site: Site<'_>) -> Result<()> {
    let mut client = Client::at(site, subject)?;
    site.runtime.block_on(async {
        for case in Case::ALL {
            let response = if case.sends_cookie() {
                client.browse(case.path()).await?
            } else {
                client.send(case.path(), false).await
            };
            answers_well(&response, case)?;
            sets_cookie_as_expected(subject, &response, case)?;
        }
        for _ in 0..2 {
            client.browse(Case::AddOne.path()).await?;
        }
        let expected = if subject.sets_cookie == SetsCookie::Never { "ok" } else { "3" };
        let response = client.browse(COUNTER_PATH).await?;
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

/// `add-one` is left out where the server keeps the session: whether a changed one renews its cookie is the subject's own business.
fn sets_cookie_as_expected(subject: &Subject, response: &Response, case: Case) -> Result<()> {
    let expected = match (subject.sets_cookie, case) {
        (SetsCookie::Never, _) => false,
        (SetsCookie::WithEveryChange, case) => matches!(case, Case::AddOne | Case::Create),
        (_, Case::AddOne) => return Ok(()),
        (SetsCookie::WhenNeeded, case) => case == Case::Create,
        (SetsCookie::Always, _) => true,
    };
    if response.headers().contains_key(SET_COOKIE) != expected {
        let does = if expected { "answers no" } else { "answers a" };
        return Err(format!("`{}` {does} Set-Cookie", case.name()).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::verify;
    use crate::{
        Places, Site,
        subjects::{IN_REDIS, IN_SQL, SUBJECTS},
    };

    #[test]
    fn every_subject_does_what_its_cases_say() {
        let mut places = Places::default();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime needs nothing");
        for subject in SUBJECTS.into_iter().chain(IN_REDIS).chain(IN_SQL) {
            let url = places.url(subject.place).expect("a server");
            if let Err(error) = verify(subject, Site::new(&runtime, url.as_deref())) {
                panic!("{}: {error}", subject.name);
            }
        }
    }
}
