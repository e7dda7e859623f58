use session_runtime::session;

#[session(autoload)]
async fn count(body: &String) -> usize {
    body.len()
}

fn main() {}
