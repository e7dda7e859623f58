use session_runtime::{Session, session};

#[derive(serde::Serialize, serde::Deserialize)]
struct UserId(u64);

#[derive(Session)]
struct Login {
    #[session(principal)]
    user: UserId,
}

// One mistake, one error: that the type has no `Default` is not told.
#[session(autoload)]
async fn greet(login: &mut Session<Login>) -> String {
    login.set_user(UserId(1));
    login.user().0.to_string()
}

fn main() {}
