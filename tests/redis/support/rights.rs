//! Users of servers.

use session_servers::Redis;

const PASSWORD: &str = "open-sesame";

/// Makes a user of a server who may do what these rules say, and nothing else.
pub(crate) fn allow(server: &Redis, user: &str, rules: &str) {
    let password = format!(">{PASSWORD}");
    let order = ["ACL", "SETUSER", user, "reset", "on", &password].into_iter().chain(rules.split(' '));
    server.command(&order.collect::<Vec<_>>()).expect("a user");
}

/// A URL, as this user.
pub(crate) fn as_user(user: &str, url: &str) -> String {
    url.replacen("//", &format!("//{user}:{PASSWORD}@"), 1)
}
