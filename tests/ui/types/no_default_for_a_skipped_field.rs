use session_runtime::Session;

enum Theme {
    Light,
    Dark,
}

#[derive(Session)]
struct Settings {
    #[session(skip)]
    theme: Theme,
}

fn main() {}
