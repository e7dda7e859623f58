//! Reads the two facts that the tasks need from `cargo metadata`.

use crate::run::{Failure, Step};

/// What `cargo metadata` printed: JSON in one line, without spaces between its tokens.
pub(crate) struct Metadata(String);

impl Metadata {
    pub(crate) fn read() -> Result<Metadata, Failure> {
        Step::cargo("metadata").words("metadata --format-version 1 --no-deps").output().map(Metadata)
    }

    /// The features of a package, `default` among them.
    pub(crate) fn features(&self, package: &str) -> Result<Vec<&str>, Failure> {
        let start = format!(r#""name":"{package}","version":"#);
        let features = self
            .between(&start, r#""features":{"#, "}")
            .ok_or_else(|| Failure::new("metadata", format!("no package `{package}`")))?;
        // Each is a name and the array of what it turns on: "axum":["dep:axum-core"],
        Ok(features.split(']').filter_map(|feature| feature.split('"').nth(1)).collect())
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target_directory(&self) -> Result<&str, Failure> {
        self.between("", r#""target_directory":""#, r#"""#)
            .ok_or_else(|| Failure::new("metadata", "no target directory"))
    }

    /// The text between `opening` and `closing`, the first after `start`.
    fn between(&self, start: &str, opening: &str, closing: &str) -> Option<&str> {
        let (_, rest) = self.0.split_once(start)?;
        let (_, rest) = rest.split_once(opening)?;
        rest.split_once(closing).map(|(text, _)| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        let json = r#"{"packages":[{"name":"tests","version":"1.0.0","dependencies":[{"name":"runtime","source":null,"features":["json"]}],"features":{}},{"name":"runtime","version":"1.0.0","dependencies":[],"features":{"axum":["dep:axum-core"],"default":["axum","json"],"json":[]}}],"target_directory":"/built/here","version":1}"#;
        Metadata(json.to_owned())
    }

    #[test]
    fn features_are_those_of_the_package_itself() {
        let metadata = metadata();
        assert_eq!(metadata.features("runtime").ok(), Some(vec!["axum", "default", "json"]));
        assert_eq!(metadata.features("tests").ok(), Some(vec![]));
        assert!(metadata.features("missing").is_err());
    }

    #[test]
    fn target_directory_is_found() {
        assert_eq!(metadata().target_directory().ok(), Some("/built/here"));
    }
}
