//! An application, and one browser that visits it.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use session_runtime::{RedisStore, Session, SessionId, SessionLayer, session};
use session_tests::Client;

#[derive(Session)]
struct Visits {
    #[session(merge = sum)]
    hits: u32,
}

/// The application over a store, visited by a browser whose session the store has.
#[derive(Clone)]
pub(super) struct App(Client);

impl App {
    pub(super) fn over(
        store: &Arc<RedisStore>,
        id: SessionId,
        configure: impl FnOnce(SessionLayer) -> SessionLayer,
    ) -> Self {
        let routes = Router::new().route("/read", get(read)).route("/hit", get(hit));
        let mut client = Client::new(routes.layer(configure(SessionLayer::new(store.clone()))));
        client.set_cookie("__Host-id", id.as_str());
        Self(client)
    }

    /// The text of an answer that has to be a success.
    pub(super) async fn get(&self, path: &str) -> String {
        let answer = self.0.send(self.0.request(path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.text().to_owned()
    }
}

#[session(autoload)]
async fn read(visits: &Session<Visits>) -> String {
    visits.hits().to_string()
}

#[session(autoload)]
async fn hit(visits: &mut Session<Visits>) -> String {
    *visits.hits_mut() += 1;
    visits.hits().to_string()
}
