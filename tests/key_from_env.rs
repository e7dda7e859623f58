//! Prints the key of the environment, or why there is none: a program for the tests to start, since a running one cannot change its variables.

use session_runtime::Key;

fn main() {
    match Key::from_env("SESSION_TESTS_KEY") {
        Ok(key) => println!("{}", key.id()),
        Err(error) => println!("{error} {error:?}"),
    }
}
