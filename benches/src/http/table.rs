//! The figures as tables: what sessions cost the server, and what they send to Redis.

use std::fmt::{self, Display, Formatter};

use super::{
    figures::{Figures, Group, Rounds, Spread, TRAFFIC_CASES},
    round::{Round, VISITORS},
};
use crate::case::Case;

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for group in &self.groups {
            writeln!(f, "{group}")?;
        }
        self.traffic(f)?;
        writeln!(f)?;
        self.notes(f)
    }
}

impl Display for Group {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| request | subject | share of plain's throughput | server CPU µs over plain | on its core | idle |"
        )?;
        writeln!(f, "| --- | --- | ---: | ---: | ---: | ---: |")?;
        self.0.iter().try_for_each(|rounds| self.row(f, rounds))
    }
}

impl Group {
    fn row(&self, f: &mut Formatter<'_>, rounds: &Rounds) -> fmt::Result {
        let of_each = |figure: fn(&Round) -> f64| Spread::of(rounds.each.iter().map(figure).collect());
        write!(f, "| {} | {} ", rounds.case.name(), rounds.subject)?;
        if rounds.subject == "plain" {
            write!(f, "| 1 | {} in all ", of_each(|round| round.microseconds).with_digits(1))?;
        } else {
            let share = self.beside_plain(rounds, |own, plain| own.throughput / plain.throughput);
            let over = self.beside_plain(rounds, |own, plain| own.microseconds - plain.microseconds);
            write!(f, "| {} | {} ", share.with_digits(2), over.with_digits(1))?;
        }
        let percent = |share: Spread| format!("{:.0} %", share.median * 100.0);
        let served = percent(of_each(|round| round.served));
        writeln!(f, "| {served} | {} |", percent(of_each(|round| round.idle)))
    }
}

impl Figures {
    fn traffic(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "| sent to Redis | {} |", TRAFFIC_CASES.map(Case::name).join(" | "))?;
        writeln!(f, "| --- | ---: | ---: | ---: |")?;
        for (subject, traffic) in &self.traffic {
            let cells = traffic.map(|traffic| format!("{:.1} · {:.0}", traffic.commands, traffic.bytes));
            writeln!(f, "| {subject} | {} |", cells.join(" | "))?;
        }
        Ok(())
    }

    fn notes(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "- Medians of the rounds, each beside plain's in the same turn; in brackets, where the middle half lies."
        )?;
        writeln!(f, "- {VISITORS} visitors, each with a connection and a session of its own, ask without a pause.")?;
        if self.pinned {
            writeln!(
                f,
                "- The server, in one thread, has one core; the client, Redis and the databases share the others. SQLite is a part of the server."
            )?;
        } else {
            writeln!(
                f,
                "- The server is one thread; all processes share all cores: `taskset` or a second core is missing."
            )?;
        }
        writeln!(
            f,
            "- On its core: the part of the time that the server had. The rest and not idle: other programs were in the way."
        )?;
        writeln!(f, "- Sent to Redis: commands · bytes a request. What a function calls is not counted again.")
    }
}

impl Spread {
    fn with_digits(self, digits: usize) -> String {
        let Spread { low, median, high } = self;
        format!("{median:.digits$} ({low:.digits$} to {high:.digits$})")
    }
}
