//! A counter in Redis, which any number of servers share. Run it twice, against one Redis server:
//!
//! ```text
//! $ redis-server --save ''                          # or one that you have: REDIS_URL=redis://…
//! $ PORT=3000 cargo run --example redis
//! $ PORT=3001 cargo run --example redis             # in another terminal
//!
//! $ curl -c jar -b jar localhost:3000/              # a cookie is for a host, whatever the port
//! seen 1 times, now on port 3000
//! $ curl -c jar -b jar localhost:3001/
//! seen 2 times, now on port 3001
//!
//! $ redis-cli --scan --pattern 'session:*'
//! "session:C6fCkbqkk3PoXtVqAZs-lG7jY_rZhxhE37aWRHSYNxk"
//! $ redis-cli hgetall session:C6fCkbqkk3PoXtVqAZs-lG7jY_rZhxhE37aWRHSYNxk
//!  … "hits" "2" "last_port" "3001" "@version" "2" "@expires" "1795363200000" …
//! ```
//!
//! Stop Redis, and the servers answer 503; start it again, and they go on.

use std::env;
use std::error::Error;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use session_runtime::{RedisStore, Session, SessionLayer, session};

#[derive(Session)]
struct Visits {
    /// Both of two requests at once count, wherever they arrive.
    #[session(merge = sum)]
    hits: u32,
    /// Where the visitor was served last.
    last_port: Option<u16>,
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>, State(port): State<u16>) -> String {
    *visits.hits_mut() += 1;
    visits.set_last_port(port);
    format!("seen {} times, now on port {port}\n", visits.hits())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://localhost".to_owned());
    let store = RedisStore::connect(url).await?;
    let listener = session_examples::listen().await?;
    let port = listener.local_addr()?.port();
    let app = Router::new().route("/", get(count)).layer(SessionLayer::new(store)).with_state(port);
    Ok(axum::serve(listener, app).await?)
}
