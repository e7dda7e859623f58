//! The counter as a plain tower service, served by hyper, without axum: `cargo run --example tower_service`.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use session_runtime::{MemoryStore, Session, SessionError, SessionHandle, SessionLayer};
use tower::{ServiceBuilder, service_fn};

#[derive(Session)]
struct Visits {
    hits: u32,
}

async fn count(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let answer = seen(&request).await;
    Ok(answer.unwrap_or_else(|error| {
        eprintln!("{error}");
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    }))
}

async fn seen(request: &Request<Incoming>) -> Result<Response<Full<Bytes>>, SessionError> {
    let handle = request.extensions().get::<SessionHandle>().ok_or_else(SessionError::no_layer)?;
    let mut visits = handle.load::<Visits>().await?;
    visits.set_hits(visits.hits() + 1);
    Ok(Response::new(Full::from(format!("seen {} times\n", visits.hits()))))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = session_examples::listen().await?;
    let service = ServiceBuilder::new().layer(SessionLayer::new(MemoryStore::new())).service(service_fn(count));
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("a connection ended: {error}");
            }
        });
    }
}
