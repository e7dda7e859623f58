//! The table of the subjects whose cookie is the session.

use std::fmt::{self, Formatter};

use super::{
    Figures,
    row::{Row, cases, count, times},
};
use crate::{case::Case, measure::cookie_bytes::CookieBytes};

/// Each peer, and ours that promises the same.
const PEERS: [(&str, &str); 2] = [("private-jar", "ours-sealed"), ("signed-jar", "ours-signed")];

impl Figures {
    pub(super) fn cookies(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "| in the cookie | bytes of the cookie | {} |", cases(" | "))?;
        writeln!(f, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
        for cookie in &self.cookie_bytes {
            let costs = Case::ALL.map(|case| self.over_plain(cookie.subject, case).costs()).join(" | ");
            writeln!(f, "| {} | {} | {costs} |", cookie.subject, range(cookie))?;
        }
        for (peer, ours) in PEERS {
            let ratio = |case| self.over_plain(peer, case).divided_by(self.over_plain(ours, case)).triple(times);
            writeln!(f, "| {peer}, × {ours} | | {} |", Case::ALL.map(ratio).join(" | "))?;
        }
        Ok(())
    }

    fn over_plain(&self, subject: &str, case: Case) -> Row {
        self.row(subject, case).over(self.row("plain", case))
    }
}

pub(super) fn notes(f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "- In the cookie: instructions · allocations (+ reallocations) · ns; ×: instructions · allocations · ns."
    )?;
    writeln!(f, "- Bytes of the cookie: its name and value, which the browser sends with every request.")?;
    writeln!(f, "- `short`: each field under a name of one letter. `compressed`: and padded to a multiple of 32 bytes.")
}

impl Row {
    fn costs(self) -> String {
        format!("{} · {} · {}", count(self.instructions), self.allocated(), count(self.nanoseconds))
    }
}

fn range(cookie: &CookieBytes) -> String {
    if cookie.least == cookie.most {
        return cookie.least.to_string();
    }
    format!("{} to {}", cookie.least, cookie.most)
}
