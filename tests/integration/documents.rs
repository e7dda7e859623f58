//! What the documents say of this repository is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn every_test_that_the_page_on_threats_names_exists() {
    let page = fs::read_to_string(format!("{ROOT}/session-runtime/docs/threats.md")).expect("the page");
    let named: BTreeSet<_> = page.split('`').skip(1).step_by(2).filter(|code| is_test(code)).collect();
    assert!(named.len() > 50, "only {} tests are named", named.len());
    let mut sources = String::new();
    for directory in ["tests/integration", "tests/browser", "tests/redis", "examples", "session-runtime/src"] {
        read(Path::new(&format!("{ROOT}/{directory}")), &mut sources);
    }
    let missing: Vec<_> = named.into_iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert_eq!(missing, [""; 0], "no tests of these names");
}

/// Whether this is a name as only tests have: five words or more.
fn is_test(code: &str) -> bool {
    code.matches('_').count() >= 4 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Appends every Rust file below a directory.
fn read(directory: &Path, sources: &mut String) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(&path).expect("a source"));
        }
    }
}
