//! A session that is nobody's may end earlier than others.

use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::{Expiry, Session};
use session_tests::{Account, Accounts, Answer, Keeping, Visitor, over_every_server_side_store};

const HOUR: Duration = Duration::from_hours(1);
const MILLISECOND: Duration = Duration::from_millis(1);

over_every_server_side_store!(
    a_session_of_nobodys_ends_unused_earlier,
    a_session_of_nobodys_ends_in_any_case_earlier,
    a_sign_in_gives_the_full_time,
    a_sign_in_that_forgets_a_lifetime_gives_the_full_time,
    a_sign_out_takes_it_back,
    a_longer_time_of_nobodys_changes_nothing,
);

fn short(expiry: Expiry) -> Expiry {
    expiry.anonymous(HOUR)
}

/// The sessions of such an application, one of nobody's among them, and the `Max-Age` that its cookie was given.
async fn of_nobody(keeping: Keeping, expiry: Expiry) -> (Accounts, Visitor, Option<u64>) {
    let accounts = Accounts::with(keeping, |layer| layer.expiry(expiry));
    let mut visitor = accounts.another();
    let max_age = max_age(&visitor.fill(2).await);
    (accounts, visitor, max_age)
}

fn max_age(answer: &Answer) -> Option<u64> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.set_cookie().max_age()
}

async fn ends_in(accounts: &Accounts, visitor: &mut Visitor, span: Duration, seen: &str) {
    accounts.wait(span.saturating_sub(MILLISECOND));
    assert_eq!(visitor.clone().sees().await, seen);
    accounts.wait(MILLISECOND);
}

async fn a_session_of_nobodys_ends_unused_earlier(keeping: Keeping) {
    for expiry in [Expiry::idle(10 * HOUR), Expiry::idle(10 * HOUR).max_lifetime(30 * HOUR).browser_session()] {
        let (accounts, mut visitor, _) = of_nobody(keeping, short(expiry)).await;
        for _ in 0..8 {
            accounts.wait(HOUR / 2);
            assert_eq!(visitor.sees().await, "nobody, 2 in the cart", "it is extended");
        }
        accounts.wait(HOUR.saturating_sub(MILLISECOND));
        assert_eq!(visitor.sees().await, "nobody, 2 in the cart");
        accounts.wait(HOUR);
        assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
    }
}

async fn a_session_of_nobodys_ends_in_any_case_earlier(keeping: Keeping) {
    let (accounts, mut visitor, given) = of_nobody(keeping, short(Expiry::lifetime(10 * HOUR))).await;
    assert_eq!(given, Some(3600));
    ends_in(&accounts, &mut visitor, HOUR, "nobody, 2 in the cart").await;
    assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
}

async fn a_sign_in_gives_the_full_time(keeping: Keeping) {
    for expiry in [Expiry::idle(10 * HOUR), Expiry::lifetime(10 * HOUR)] {
        let (accounts, mut visitor, given) = of_nobody(keeping, short(expiry)).await;
        assert_eq!(given, Some(3600));
        accounts.wait(HOUR / 2);
        assert_eq!(max_age(&visitor.sign_in(7).await), Some(36_000));
        ends_in(&accounts, &mut visitor, 10 * HOUR, "7, 2 in the cart").await;
        accounts.wait(10 * HOUR);
        assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
        assert_eq!(max_age(&visitor.sign_in(7).await), Some(36_000), "where there was no session before");
    }
}

async fn a_sign_in_that_forgets_a_lifetime_gives_the_full_time(keeping: Keeping) {
    for expiry in [Expiry::idle(10 * HOUR), Expiry::lifetime(10 * HOUR)] {
        let (accounts, mut visitor, _) = of_nobody(keeping, short(expiry)).await;
        accounts.wait(HOUR / 2);
        let sign_in = |account: &mut Session<Account>| {
            account.set_user(7_u32);
            account.reset_lifetime();
        };
        assert_eq!(max_age(&visitor.visit::<Account>(sign_in).await), Some(36_000));
        ends_in(&accounts, &mut visitor, 10 * HOUR, "7, 2 in the cart").await;
    }
}

async fn a_sign_out_takes_it_back(keeping: Keeping) {
    let (accounts, mut visitor, _) = of_nobody(keeping, short(Expiry::idle(10 * HOUR))).await;
    visitor.sign_in(7).await;
    accounts.wait(2 * HOUR);
    assert_eq!(max_age(&visitor.visit::<Account>(Session::<Account>::clear_user).await), Some(3600));
    ends_in(&accounts, &mut visitor, HOUR, "nobody, 2 in the cart").await;
    accounts.wait(HOUR);
    assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
}

async fn a_longer_time_of_nobodys_changes_nothing(keeping: Keeping) {
    let (accounts, mut visitor, given) = of_nobody(keeping, Expiry::lifetime(HOUR).anonymous(10 * HOUR)).await;
    assert_eq!(given, Some(3600));
    accounts.wait(HOUR / 2);
    assert_eq!(max_age(&visitor.sign_in(7).await), Some(3600));
    ends_in(&accounts, &mut visitor, HOUR, "7, 2 in the cart").await;
    assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
}
