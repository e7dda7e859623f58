use session_runtime::session;

#[session(autoload)]
async fn count(page: String) -> String {
    page
}

fn main() {}
