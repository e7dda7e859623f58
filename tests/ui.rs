//! What the macros accept, and what they answer to mistakes: a folder per theme, a file per mistake.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the answers anew.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for theme in ["shape", "attributes", "names", "types", "autoload", "misuse"] {
        cases.compile_fail(format!("ui/{theme}/*.rs"));
    }
}
