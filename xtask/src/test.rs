//! What must pass before a change is merged, here and in continuous integration.

use session_servers::Provided;

use crate::{
    metadata::Metadata,
    provide,
    run::{Failure, Step},
};

const RUNTIME: &str = "session-runtime";

/// Every step, up to the first that fails.
pub(crate) fn everything() -> Result<(), Failure> {
    provide::browser()?;
    let servers = servers()?;
    let mut steps = vec![formatting(), lints(), tests(&servers), documentation()];
    steps.extend(each_feature()?);
    let count = steps.len();
    steps.into_iter().try_for_each(Step::run)?;
    println!("\nall {count} steps passed");
    Ok(())
}

/// `cargo test` alone, with these arguments.
pub(crate) fn only(arguments: &[&str]) -> Result<(), Failure> {
    if arguments.is_empty() || arguments.iter().any(|argument| argument.contains("browser")) {
        provide::browser()?;
    }
    let servers = servers()?;
    tests(&servers).arguments(arguments.iter().copied()).run()
}

fn formatting() -> Step {
    Step::cargo("formatting").words("fmt --all --check")
}

fn lints() -> Step {
    Step::cargo("lints").words("clippy --workspace --all-features --all-targets -- -D warnings")
}

/// The servers that tests share, which run until this is dropped.
fn servers() -> Result<Provided, Failure> {
    provide::redis()?;
    provide::sql()?;
    Provided::start().map_err(|error| Failure::new("servers", error))
}

/// Unit, integration and ui tests, and the examples in the documentation.
fn tests(servers: &Provided) -> Step {
    let step = Step::cargo("tests").words("test --workspace --all-features");
    let mut step = servers.variables().into_iter().fold(step, |step, (variable, value)| step.env(variable, value));
    if let Some(certificate) = servers.certificate() {
        // For what cargo runs, and not for cargo itself, which may have something to download.
        let value = format!("env.SSL_CERT_FILE.value='{}'", certificate.display());
        step = step.arguments(["--config", &value, "--config", "env.SSL_CERT_FILE.force=true"]);
    }
    step
}

fn documentation() -> Step {
    Step::cargo("documentation").words("doc --workspace --all-features --no-deps").env("RUSTDOCFLAGS", "-D warnings")
}

/// The runtime with none of its features, then with each alone: a feature must neither need nor break another.
fn each_feature() -> Result<Vec<Step>, Failure> {
    let metadata = Metadata::read()?;
    let mut steps = vec![with_features("no feature", "")];
    for feature in metadata.features(RUNTIME)? {
        let name = format!("feature `{feature}` alone");
        steps.push(with_features(&name, &format!("--features {feature}")));
    }
    Ok(steps)
}

/// Clippy rather than `check`, because it can deny warnings without building every dependency anew.
fn with_features(name: &str, features: &str) -> Step {
    Step::cargo(name).words(&format!("clippy --package {RUNTIME} --no-default-features {features} -- -D warnings"))
}
