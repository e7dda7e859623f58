//! A store that loses calls and answers, is slow or hangs, under the real layer: no request that failed is done twice, none that succeeded is
//! lost, and nobody becomes anybody else.

mod chance;
mod late;
mod lost;
mod once;
mod repeated;
mod rotation;
mod unanswered;

use axum::http::StatusCode;
use session_runtime::conformance::FaultStore;
use session_runtime::{MemoryStore, Session, SessionError, SessionHandle, SessionLayer};

use session_tests::{Answer, Visitor};

#[derive(Session)]
struct Account {
    user: Option<u32>,
    #[session(merge = sum)]
    hits: u32,
    orders: Vec<u32>,
}

/// What a request saw of an [`Account`]: the user, the hits, the orders.
type Seen = (Option<u32>, u32, Vec<u32>);

/// What somebody without a session sees.
const NOTHING: Seen = (None, 0, Vec::new());

/// The requests of these tests; each answers what the session held when it was loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ask {
    Read,
    /// A hit, and an order of this number.
    Order(u32),
    /// As this user, under a new id.
    SignIn(u32),
    SignOut,
}

async fn ask(visitor: &mut Visitor, ask: Ask) -> Answer {
    visitor
        .act(async move |handle: SessionHandle| {
            let mut account = handle.load::<Account>().await?;
            let seen = (account.user(), account.hits(), account.orders().clone());
            match ask {
                Ask::Read => {}
                Ask::Order(number) => {
                    *account.hits_mut() += 1;
                    account.orders_mut().push(number);
                }
                Ask::SignIn(user) => {
                    account.regenerate_id();
                    account.set_user(user);
                }
                Ask::SignOut => account.destroy(),
            }
            Ok::<_, SessionError>(serde_json::to_string(&seen).expect("numbers are JSON"))
        })
        .await
}

fn seen(answer: &Answer) -> Seen {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("what was seen")
}

/// What is in the visitor's session.
async fn read(visitor: &mut Visitor) -> Seen {
    seen(&ask(visitor, Ask::Read).await)
}

/// A store that has no fault yet, and a visitor whose session holds one order.
async fn ordered() -> (FaultStore<MemoryStore>, Visitor) {
    let (store, mut visitor) = empty();
    seen(&ask(&mut visitor, Ask::Order(1)).await);
    (store, visitor)
}

/// A store that has no fault and no session yet, and a visitor of it.
fn empty() -> (FaultStore<MemoryStore>, Visitor) {
    let store = FaultStore::new(MemoryStore::new());
    let visitor = Visitor::through(SessionLayer::new(store.clone()));
    (store, visitor)
}

/// Asserts that the answer is 503, and tells the client nothing of a session.
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.sets_no_cookie(), "{:?}", answer.set_cookies());
}
