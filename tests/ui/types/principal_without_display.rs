use session_runtime::Session;

#[derive(serde::Serialize, serde::Deserialize)]
struct UserId(u64);

#[derive(Session)]
struct Login {
    #[session(principal)]
    user: Option<UserId>,
}

#[derive(Session)]
struct Device {
    #[session(principal)]
    key: Option<Vec<u8>>,
}

fn main() {}
