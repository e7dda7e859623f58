//! Running checks, and telling what is broken.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::checks::{Check, checks};
use super::seen::Seen;
use super::subject::Subject;

/// One of the numbered rules in the docs of [`SessionStore`](crate::SessionStore).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rule(pub(super) u8);

/// The very text of the trait's docs.
const RULES: &str = include_str!("../store/rules.md");

impl Rule {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..).map(Self).take_while(|rule| RULES.contains(&rule.start()))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Its text.
    pub fn text(self) -> String {
        let (_, text) = RULES.split_once(&self.start()).unwrap_or_default();
        let text = text.split_once(&Self(self.0 + 1).start()).map_or(text, |(text, _)| text);
        text.replace("**", "").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn start(self) -> String {
        format!("\n{}. ", self.0)
    }
}

/// A check that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    check: &'static str,
    rule: Rule,
    seen: Seen,
}

impl Broken {
    /// The name of the check.
    pub fn check(&self) -> &'static str {
        self.check
    }

    /// The rule that is broken.
    pub fn rule(&self) -> Rule {
        self.rule
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rule {} of `SessionStore` is broken: {}", self.rule.number(), self.rule.text())?;
        writeln!(f, "  check: {}", self.check)?;
        write!(f, "  {}", self.seen)
    }
}

impl Error for Broken {}

/// What [`check`] found.
#[derive(Clone, Debug)]
pub struct Report {
    run: usize,
    broken: Vec<Broken>,
}

impl Report {
    /// Whether every check passed.
    pub fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }

    /// The checks that failed.
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} of {} checks passed", self.run - self.broken.len(), self.run)?;
        self.broken.iter().try_for_each(|broken| writeln!(f, "{broken}"))
    }
}

/// Runs every check, one after the other, each on a new store and a runtime of its own.
///
/// # Panics
///
/// When it is called on a thread of a tokio runtime.
pub fn check(subject: &Subject) -> Report {
    let applicable = || checks().iter().filter(|check| check.applies_to(subject));
    let broken = applicable().filter_map(|check| check.run(subject).err()).collect();
    Report { run: applicable().count(), broken }
}

impl Check {
    /// For how long a store may keep a check waiting.
    const PATIENCE: Duration = Duration::from_mins(1);

    /// Runs this check on a new store, and on a runtime of its own.
    ///
    /// # Errors
    ///
    /// What is broken.
    ///
    /// # Panics
    ///
    /// When it is called on a thread of a tokio runtime.
    pub fn run(&self, subject: &Subject) -> Result<(), Broken> {
        let outcome = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_all()
            .build()
            .map_err(|error| Seen::new(format!("no runtime could be started: {error}")))
            .and_then(|runtime| {
                runtime.block_on(async {
                    let bench = subject.bench().await;
                    // A task of its own: a store that panics fails the check, and not those that come after it.
                    let checking = tokio::spawn((self.run)(bench));
                    let waited = tokio::time::timeout(Self::PATIENCE, checking).await;
                    waited.map_err(|_| {
                        Seen::new(format!("no end after {:?}: does a call wait for itself?", Self::PATIENCE))
                    })??
                })
            });
        outcome.map_err(|seen| Broken { check: self.name(), rule: self.rule(), seen })
    }
}

/// Runs the check of this name: what a generated test does.
///
/// # Panics
///
/// If it fails, with what is broken.
pub fn keeps(subject: &Subject, name: &str) {
    let check = checks().iter().find(|check| check.name() == name).expect("generated tests are named as the checks");
    if let Err(broken) = check.run(subject) {
        panic!("{broken}");
    }
}
