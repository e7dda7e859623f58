//! Which requests have their session loaded before anyone asks.

use std::fmt;
use std::sync::Arc;

use http::request::Parts;

/// Which requests have their session loaded before the inner service runs, so that [`SessionHandle::get`](crate::SessionHandle::get) works there.
///
/// ```
/// use session_runtime::{Autoload, MemoryStore, SessionLayer};
///
/// let layer = SessionLayer::new(MemoryStore::new()).autoload(Autoload::paths(["/app", "/admin"]));
/// # let _ = layer;
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until a layer is built with it"]
pub struct Autoload(Which);

#[derive(Clone)]
enum Which {
    Never,
    Always,
    Paths(Arc<[String]>),
    When(Arc<dyn Fn(&Parts) -> bool + Send + Sync>),
}

impl Autoload {
    pub(crate) fn never() -> Self {
        Self(Which::Never)
    }

    /// Every request.
    pub fn always() -> Self {
        Self(Which::Always)
    }

    /// Requests whose path is one of these or below one. Whole segments count: `/app` stands for `/app` and `/app/1`, not for `/apples`.
    pub fn paths<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        let trimmed = |path: P| path.into().trim_end_matches('/').to_owned();
        Self(Which::Paths(paths.into_iter().map(trimmed).collect()))
    }

    /// Requests of which this is true.
    pub fn when(is_loaded: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        Self(Which::When(Arc::new(is_loaded)))
    }

    /// Whether no request is ever meant.
    pub(crate) fn is_never(&self) -> bool {
        matches!(self.0, Which::Never)
    }

    pub(crate) fn applies_to(&self, parts: &Parts) -> bool {
        match &self.0 {
            Which::Never => false,
            Which::Always => true,
            Which::Paths(paths) => paths.iter().any(|path| is_below(parts.uri.path(), path)),
            Which::When(is_loaded) => is_loaded(parts),
        }
    }
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl fmt::Debug for Autoload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Which::Never => f.write_str("Never"),
            Which::Always => f.write_str("Always"),
            Which::Paths(paths) => f.debug_tuple("Paths").field(paths).finish(),
            Which::When(_) => f.write_str("When(…)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t55_a_path_stands_for_whole_segments() {
        for (path, root, below) in [
            ("/app", "/app", true),
            ("/app/1/users", "/app", true),
            ("/apples", "/app", false),
            ("/", "/app", false),
            ("/anything", "", true),
        ] {
            assert_eq!(is_below(path, root), below, "{path} below {root}");
        }
    }
}
