//! What requests ask of a database: how many statements, as it counts them itself.

use std::collections::BTreeMap;
use std::time::Duration;

use session_runtime::{Session, SessionHandle, SessionStore as _};
use session_tests::{Logs, Notes, Visitor, Visits, load};

use crate::support::{Database, Visited, over_every_database};

const REQUESTS: usize = 100;

over_every_database!(
    a_request_that_does_not_ask_for_its_session_sends_nothing,
    a_request_that_reads_sends_one_statement,
    a_request_that_changes_sends_two_statements,
    a_request_that_creates_a_session_sends_one_statement,
    a_request_that_extends_its_session_sends_two_statements,
    a_change_with_a_due_extension_sends_two_statements,
    a_sign_out_sends_two_statements,
    a_request_that_was_overtaken_sends_four_statements,
    t68_a_list_of_somebodys_sessions_is_one_statement,
    a_sign_in_costs_what_a_new_id_costs,
);

/// The statements that were sent while so many requests were made, by their first words.
async fn sent<DB: Database>(mut request: impl AsyncFnMut(&mut Visited<DB>)) -> BTreeMap<String, usize> {
    let logs = Logs::capture_all();
    let mut visited = Visited::new().await;
    add_one(&mut visited).await;
    let before = DB::asked(&visited.own.name, &logs);
    for _ in 0..REQUESTS {
        request(&mut visited).await;
    }
    let mut sent = DB::asked(&visited.own.name, &logs);
    for (word, count) in &mut sent {
        *count -= before.get(word).unwrap_or(&0);
    }
    sent.retain(|_, count| *count > 0);
    sent
}

/// So many of each, a request.
fn each<const N: usize>(statements: [(&str, usize); N]) -> BTreeMap<String, usize> {
    statements.map(|(word, count)| (word.to_owned(), count * REQUESTS)).into()
}

async fn read(visitor: &mut Visitor) {
    visitor.visit::<Visits>(|visits| assert!(visits.hits() > 0)).await;
}

async fn add_one(visitor: &mut Visitor) {
    assert!(visitor.get("/count").await.status.is_success());
}

/// Lets more than a tenth of the idle time pass.
fn due<DB: Database>(visited: &Visited<DB>) {
    visited.wait(Duration::from_hours(3));
}

async fn a_request_that_does_not_ask_for_its_session_sends_nothing<DB: Database>() {
    let sent = sent::<DB>(async |visited| {
        visited.act(async |_: SessionHandle| "untouched").await;
    });
    assert_eq!(sent.await, each([]));
}

async fn a_request_that_reads_sends_one_statement<DB: Database>() {
    let sent = sent::<DB>(async |visited| read(visited).await).await;
    assert_eq!(sent, each([("SELECT", 1)]));
}

async fn a_request_that_changes_sends_two_statements<DB: Database>() {
    let sent = sent::<DB>(async |visited| add_one(visited).await).await;
    assert_eq!(sent, each([("SELECT", 1), ("UPDATE", 1)]));
}

async fn a_request_that_creates_a_session_sends_one_statement<DB: Database>() {
    let sent = sent::<DB>(async |visited| add_one(&mut visited.other()).await).await;
    assert_eq!(sent, each([("INSERT", 1)]));
}

async fn a_request_that_extends_its_session_sends_two_statements<DB: Database>() {
    let sent = sent::<DB>(async |visited| {
        due(visited);
        read(visited).await;
    });
    assert_eq!(sent.await, each([("SELECT", 1), ("UPDATE", 1)]));
}

async fn a_change_with_a_due_extension_sends_two_statements<DB: Database>() {
    let sent = sent::<DB>(async |visited| {
        due(visited);
        add_one(visited).await;
    });
    assert_eq!(sent.await, each([("SELECT", 1), ("UPDATE", 1)]));
}

async fn a_sign_out_sends_two_statements<DB: Database>() {
    let sent = sent::<DB>(async |visited| {
        let mut other = visited.other();
        add_one(&mut other).await;
        assert_eq!(other.get("/destroy").await.text(), "signed out");
    });
    assert_eq!(sent.await, each([("INSERT", 1), ("SELECT", 1), ("UPDATE", 1)]));
}

/// It loads, and its update finds another version; it looks at that, and puts its change on top. The two statements of the request that overtook
/// it are counted, too, and one that looks whether both changes are there.
async fn a_request_that_was_overtaken_sends_four_statements<DB: Database>() {
    let mut hits = 1;
    let sent = sent::<DB>(async |visited| {
        hits += 1;
        let late = visited.held_up::<Visits>(|visits| *visits.hits_mut() += 1).await;
        visited.get(&format!("/update?some={hits}")).await;
        assert!(late.goes_on().await.status.is_success());
        let both = visited.act(async move |handle: SessionHandle| {
            let (visits, notes) = (load::<Visits>(&handle).await, load::<Notes>(&handle).await);
            format!("{} {:?}", visits.hits(), notes.some())
        });
        assert_eq!(both.await.text(), format!("{hits} Some({:?})", hits.to_string()));
    });
    assert_eq!(sent.await, each([("SELECT", 2 + 1 + 1), ("UPDATE", 2 + 1)]));
}

async fn t68_a_list_of_somebodys_sessions_is_one_statement<DB: Database>() {
    let sent = sent::<DB>(async |visited| {
        let index = visited.store.index().expect("an index");
        assert_eq!(index.sessions("nobody").await.unwrap().len(), 0);
    });
    assert_eq!(sent.await, each([("SELECT", 1)]));
}

#[derive(Session)]
struct Account {
    #[session(principal)]
    user: Option<u64>,
}

/// The index is a column: a session that becomes somebody's is stored with it.
async fn a_sign_in_costs_what_a_new_id_costs<DB: Database>() {
    let sent = sent::<DB>(async |visited| {
        visited.visit::<Account>(|account| account.set_user(7)).await;
    });
    let mut sent = sent.await;
    assert_eq!(sent.remove("SELECT"), Some(REQUESTS));
    assert_eq!(sent, of_a_new_id::<DB>().await);
}

/// Beside the load.
async fn of_a_new_id<DB: Database>() -> BTreeMap<String, usize> {
    let sent = sent::<DB>(async |visited| {
        let old = visited.held();
        visited.visit::<Visits>(|visits: &mut Session<Visits>| visits.regenerate_id()).await;
        assert_ne!(visited.held(), old);
    });
    let mut sent = sent.await;
    assert_eq!(sent.remove("SELECT"), Some(REQUESTS));
    sent
}

#[tokio::test]
async fn a_new_id_is_one_statement_in_postgres() {
    assert_eq!(of_a_new_id::<sqlx::Postgres>().await, each([("WITH", 1)]));
}

#[tokio::test]
async fn a_new_id_is_a_transaction_of_two_statements_in_mariadb() {
    let transaction = [("START", 1), ("UPDATE", 1), ("INSERT", 1), ("COMMIT", 1)];
    assert_eq!(of_a_new_id::<sqlx::MySql>().await, each(transaction));
}

/// That of a transaction, whose beginning and end are not in the log.
#[tokio::test]
async fn a_new_id_is_two_statements_in_sqlite() {
    assert_eq!(of_a_new_id::<sqlx::Sqlite>().await, each([("UPDATE", 1), ("INSERT", 1)]));
}
