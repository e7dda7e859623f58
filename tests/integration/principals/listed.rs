//! A user's sessions are listed, all of them and nobody else's, for as long as they live: T68, security line 20.

use std::collections::BTreeSet;
use std::time::Duration;

use session_runtime::{Expiry, Session, SessionEntry, SessionHandle};
use session_tests::{Account, Accounts, Keeping, Notes, load, over_every_server_side_store};

const HOUR: Duration = Duration::from_hours(1);

over_every_server_side_store!(
    t68_s20_all_sessions_of_a_user_are_listed_and_nobody_elses,
    t68_s20_a_session_stays_listed_under_its_handle_whatever_its_id,
    t68_s20_what_is_over_is_listed_no_more,
    s20_a_session_ends_that_another_schema_empties,
    s20_an_entry_tells_when_and_which,
    s20_a_user_is_named_by_his_text,
    s20_a_double_clicked_sign_in_is_listed,
);

fn handles(sessions: &[SessionEntry]) -> BTreeSet<&str> {
    sessions.iter().map(SessionEntry::handle).collect()
}

async fn t68_s20_all_sessions_of_a_user_are_listed_and_nobody_elses(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    assert_eq!(accounts.sessions(7).await, []);
    let mut all = BTreeSet::new();
    for user in [7, 8, 7, 77, 7] {
        accounts.signed_in(user).await;
        all.extend(accounts.sessions(user).await.iter().map(|entry| entry.handle().to_owned()));
    }
    accounts.another().fill(2).await;
    assert_eq!(all.len(), 5, "each has a handle of its own");
    let (of_7, of_8) = (accounts.sessions(7).await, accounts.sessions(8).await);
    assert_eq!((of_7.len(), of_8.len(), accounts.count(77).await, accounts.count(9).await), (3, 1, 1, 0));
    assert!(handles(&of_7).is_disjoint(&handles(&of_8)));
}

async fn t68_s20_a_session_stays_listed_under_its_handle_whatever_its_id(keeping: Keeping) {
    let accounts = Accounts::with(keeping, |layer| layer.expiry(Expiry::idle(4 * HOUR).rotate_every(2 * HOUR)));
    let mut visitor = accounts.signed_in(7).await;
    let handle = accounts.only_handle(7).await;
    visitor.visit::<Account>(|account| account.regenerate_id()).await;
    assert_eq!(accounts.only_handle(7).await, handle);
    // A touch, a rotation, and both again, for longer than the session would live unused.
    for _ in 0..8 {
        accounts.wait(HOUR);
        assert_eq!(visitor.sees().await, "7, 0 in the cart");
        assert_eq!(accounts.only_handle(7).await, handle);
    }
    visitor.sign_in(7).await;
    assert_ne!(accounts.only_handle(7).await, handle, "another sign-in has another handle");
}

async fn t68_s20_what_is_over_is_listed_no_more(keeping: Keeping) {
    let accounts = Accounts::with(keeping, |layer| layer.expiry(Expiry::idle(HOUR)));
    let ends: [fn(&mut Session<Account>); 4] =
        [Session::<Account>::destroy, Session::<Account>::clear, Session::<Account>::clear_user, |account| {
            account.set_user(8_u32);
        }];
    for end in ends {
        let mut visitor = accounts.signed_in(7).await;
        visitor.fill(2).await;
        assert_eq!(accounts.count(7).await, 1);
        visitor.visit::<Account>(end).await;
        assert_eq!(accounts.sessions(7).await, []);
    }
    assert_eq!(accounts.count(8).await, 1);
    accounts.signed_in(7).await;
    accounts.wait(HOUR.saturating_sub(Duration::from_millis(1)));
    assert_eq!(accounts.count(7).await, 1);
    accounts.wait(Duration::from_millis(1));
    assert_eq!((accounts.count(7).await, accounts.count(8).await), (0, 0));
}

async fn s20_a_session_ends_that_another_schema_empties(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.signed_in(7).await;
    visitor.get("/update?some=data").await;
    visitor.visit::<Account>(Session::<Account>::clear).await;
    assert_eq!(accounts.count(7).await, 0, "it is nobody's");
    assert_eq!(visitor.get("/view").await.text(), r#"{"some":"data"}"#);
    visitor.visit::<Notes>(Session::<Notes>::clear).await;
    assert_eq!(visitor.id(), None);
}

async fn s20_an_entry_tells_when_and_which(keeping: Keeping) {
    let accounts = Accounts::with(keeping, |layer| layer.expiry(Expiry::idle(10 * HOUR).max_lifetime(24 * HOUR)));
    let start = accounts.clock.now();
    let mut first = accounts.another();
    first.fill(2).await;
    accounts.wait(HOUR);
    first.sign_in(7).await;
    accounts.wait(HOUR);
    accounts.signed_in(7).await;
    accounts.wait(2 * HOUR);
    first.sees().await;
    let entries = accounts.sessions(7).await;
    let times: Vec<_> = entries
        .iter()
        .map(|entry| [entry.created(), entry.authenticated_at(), entry.last_seen(), entry.expires()])
        .collect();
    let at = |hours: u32| start + hours * HOUR;
    assert_eq!(times, [[at(0), at(1), at(4), at(14)], [at(2), at(2), at(2), at(12)]], "the last used first");
    let which = async move |handle: SessionHandle| {
        let account = load::<Account>(&handle).await;
        entries.iter().map(|entry| entry.is(&account).to_string()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(first.act(which.clone()).await.text(), "true, false");
    assert_eq!(accounts.another().act(which).await.text(), "false, false");
}

async fn s20_a_user_is_named_by_his_text(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    accounts.signed_in(7).await;
    let count = async |name: &str| accounts.registry.count(name).await.expect("an answer");
    assert_eq!(count("7").await, 1);
    for nobody in ["", "07", "7 ", " 7", "%", "7\0", "*", "Some(7)", &"7".repeat(5000)] {
        assert_eq!(count(nobody).await, 0, "{nobody:?}");
    }
}

/// The second click comes when the first one has renewed the id: it signs in to a session of its own, which is not lost sight of.
async fn s20_a_double_clicked_sign_in_is_listed(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.another();
    visitor.fill(2).await;
    let second = visitor.held_up::<Account>(|account| account.set_user(7_u32)).await;
    let first = visitor.held_up::<Account>(|account| account.set_user(7_u32)).await;
    for (answer, seen) in [(first.goes_on().await, "7, 2 in the cart"), (second.goes_on().await, "7, 0 in the cart")] {
        let mut browser = visitor.another();
        browser.take(&answer);
        assert_eq!(browser.sees().await, seen);
    }
    assert_eq!(accounts.count(7).await, 2);
}
