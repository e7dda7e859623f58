//! What a browser says of itself, in the words of a person.

/// Marks of browsers, and what to call them: the first that is found counts, since browsers claim to be each other.
const BROWSERS: [(&str, &str); 10] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Likewise: an Android is a Linux, and an iPhone is "like Mac OS X".
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The longest name of an unknown program that is shown.
const LONGEST: usize = 32;

/// "Firefox on Linux", from the header `User-Agent`; for an unknown program, the name that it gives itself.
///
/// Anybody can claim to be anything: it helps people to recognize their devices, and proves nothing.
pub(crate) fn device(agent: &str) -> String {
    let browser = found(&BROWSERS, agent);
    let system = found(&SYSTEMS, agent);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => program(agent),
    }
}

fn found(names: &[(&str, &'static str)], agent: &str) -> Option<&'static str> {
    names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
}

/// The name before the first version: "curl" of `curl/8.14.1`.
fn program(agent: &str) -> String {
    let name = agent.split(['/', ' ']).next().unwrap_or_default();
    match name {
        // What all browsers begin with.
        "" | "Mozilla" => "Unknown device".to_owned(),
        _ => name.chars().take(LONGEST).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_have_the_name_that_their_users_know() {
        let agents = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
                "Safari on macOS",
            ),
        ];
        for (agent, name) in agents {
            assert_eq!(device(agent), name);
        }
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        assert_eq!(device(""), "Unknown device");
        assert_eq!(device("Mozilla/5.0 (compatible)"), "Unknown device");
        assert_eq!(device("Mozilla/5.0 (X11; Linux x86_64) Ladybird"), "A browser on Linux");
        assert_eq!(device("curl/8.14.1"), "curl");
        assert_eq!(device(&"a".repeat(1000)).len(), LONGEST);
    }
}
