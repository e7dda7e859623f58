//! Bytes that a browser sends with every request, where the cookie is the session.

use crate::{
    Result,
    client::Client,
    runtime,
    subjects::{SUBJECTS, Subject},
};

/// New sessions of each subject: an encoding that escapes some bytes makes some cookies longer than others.
const SESSIONS: usize = 200;

/// Names and values, the shortest and the longest that were met.
pub(crate) struct CookieBytes {
    pub(crate) subject: &'static str,
    pub(crate) least: usize,
    pub(crate) most: usize,
}

pub(crate) fn measure() -> Result<Vec<CookieBytes>> {
    SUBJECTS.into_iter().filter(|subject| subject.keeps_sessions_in_cookies()).map(of).collect()
}

fn of(subject: &Subject) -> Result<CookieBytes> {
    let runtime = runtime()?;
    let new_session = |_| Ok(Client::new(subject, &runtime)?.cookie_bytes());
    let bytes = (0..SESSIONS).map(new_session).collect::<Result<Vec<usize>>>()?;
    let least = bytes.iter().copied().min().unwrap_or_default();
    let most = bytes.into_iter().max().unwrap_or_default();
    Ok(CookieBytes { subject: subject.name, least, most })
}
