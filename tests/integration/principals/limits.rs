//! A user is signed in so often and no more: security line 21.

use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::{Evict, Expiry, Session, SessionHandle};
use session_tests::{Account, Accounts, Keeping, Visitor, load, over_every_server_side_store};

over_every_server_side_store!(
    s21_the_oldest_sign_in_makes_way,
    s21_a_sign_in_too_many_is_refused,
    s21_who_is_refused_keeps_the_session_that_he_has,
    s21_a_refused_sign_in_after_a_sign_out_has_signed_out,
    s21_a_refused_sign_in_that_is_saved_tells_the_handler,
    s21_signing_in_again_counts_once,
    s21_what_is_over_does_not_count,
    s21_what_ends_earlier_since_a_restart_does_not_count,
);

const REFUSED: &str = "You are signed in too often already. Please sign out elsewhere first.\n";

fn limited(keeping: Keeping, evict: Evict) -> Accounts {
    Accounts::with(keeping, |layer| layer.limit(3, evict).expiry(Expiry::idle(Duration::from_hours(1))))
}

/// Three browsers of user 7, one second after the other.
async fn three(accounts: &Accounts) -> Vec<Visitor> {
    let mut visitors = Vec::new();
    for _ in 0..3 {
        visitors.push(accounts.signed_in(7).await);
        accounts.wait(Duration::from_secs(1));
    }
    visitors
}

async fn see<const N: usize>(visitors: &mut [Visitor], expected: [&str; N]) {
    let mut seen = Vec::new();
    for visitor in visitors {
        seen.push(visitor.sees().await);
    }
    assert_eq!(seen, expected.map(|user| format!("{user}, 0 in the cart")));
}

async fn s21_the_oldest_sign_in_makes_way(keeping: Keeping) {
    let accounts = limited(keeping, Evict::Oldest);
    let mut visitors = three(&accounts).await;
    accounts.signed_in(8).await;
    accounts.heard.take();
    visitors.push(accounts.signed_in(7).await);
    assert_eq!(accounts.heard.told(), "revoked, created");
    see(&mut visitors, ["nobody", "7", "7", "7"]).await;
    // The oldest is now who signed in first, whoever used his session last, or had it first.
    accounts.wait(Duration::from_secs(1));
    visitors[1].sign_in(7).await;
    visitors.push(accounts.signed_in(7).await);
    see(&mut visitors, ["nobody", "7", "nobody", "7", "7"]).await;
    assert_eq!((accounts.count(7).await, accounts.count(8).await), (3, 1));
}

async fn s21_a_sign_in_too_many_is_refused(keeping: Keeping) {
    let accounts = limited(keeping, Evict::Deny);
    let mut visitors = three(&accounts).await;
    accounts.heard.take();
    let mut late = accounts.another();
    let answer = late.sign_in(7).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::FORBIDDEN, REFUSED));
    assert!(answer.sets_no_cookie());
    assert_eq!(accounts.heard.told(), "limit_reached");
    accounts.signed_in(8).await;
    see(&mut visitors, ["7", "7", "7"]).await;
    visitors[0].visit::<Account>(Session::<Account>::destroy).await;
    assert_eq!(late.sign_in(7).await.status, StatusCode::OK);
    assert_eq!(accounts.count(7).await, 3);
}

async fn s21_who_is_refused_keeps_the_session_that_he_has(keeping: Keeping) {
    let accounts = limited(keeping, Evict::Deny);
    three(&accounts).await;
    let (mut anonymous, mut other) = (accounts.another(), accounts.signed_in(8).await);
    anonymous.fill(2).await;
    let ids = (anonymous.held(), other.held());
    for visitor in [&mut anonymous, &mut other] {
        let sign_in = |account: &mut Session<Account>| {
            account.set_user(7_u32);
            account.set_cart(9_u32);
        };
        let answer = visitor.visit::<Account>(sign_in).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.sets_no_cookie());
    }
    assert_eq!((anonymous.held(), other.held()), ids);
    assert_eq!(anonymous.sees().await, "nobody, 2 in the cart");
    assert_eq!(other.sees().await, "8, 0 in the cart");
    assert_eq!((accounts.count(7).await, accounts.count(8).await), (3, 1));
}

async fn s21_a_refused_sign_in_after_a_sign_out_has_signed_out(keeping: Keeping) {
    let accounts = limited(keeping, Evict::Deny);
    three(&accounts).await;
    let mut other = accounts.signed_in(8).await;
    let switch = |account: &mut Session<Account>| {
        account.destroy();
        account.set_user(7_u32);
    };
    assert_eq!(other.visit::<Account>(switch).await.status, StatusCode::FORBIDDEN);
    assert_eq!(other.id(), None);
    assert_eq!((accounts.count(7).await, accounts.count(8).await), (3, 0));
}

async fn s21_a_refused_sign_in_that_is_saved_tells_the_handler(keeping: Keeping) {
    let accounts = limited(keeping, Evict::Deny);
    three(&accounts).await;
    let mut visitor = accounts.another();
    let sign_in = async |handle: SessionHandle| {
        let mut account = load::<Account>(&handle).await;
        account.set_user(7_u32);
        let error = account.save().await.expect_err("a limit");
        assert!(error.is_limit_reached() && !error.is_unavailable(), "{error}");
        account.discard();
        account.set_cart(2_u32);
        error.to_string()
    };
    let told = visitor.act(sign_in).await;
    assert_eq!(told.text(), "the principal is signed in 3 times already, and may not be once more");
    assert_eq!(visitor.sees().await, "nobody, 2 in the cart");
}

async fn s21_signing_in_again_counts_once(keeping: Keeping) {
    for evict in [Evict::Oldest, Evict::Deny] {
        let accounts = limited(keeping, evict);
        let mut visitors = three(&accounts).await;
        for visitor in &mut visitors {
            for _ in 0..2 {
                assert_eq!(visitor.sign_in(7).await.status, StatusCode::OK, "{evict:?}");
            }
            // In one request, saved in between.
            let twice = async |handle: SessionHandle| {
                let mut account = load::<Account>(&handle).await;
                account.set_user(7_u32);
                account.save().await.expect("saved");
                account.set_user(7_u32);
            };
            assert_eq!(visitor.act(twice).await.status, StatusCode::OK, "{evict:?}");
        }
        see(&mut visitors, ["7", "7", "7"]).await;
    }
}

async fn s21_what_is_over_does_not_count(keeping: Keeping) {
    let accounts = limited(keeping, Evict::Deny);
    let hour = Duration::from_hours(1);
    for _ in 0..2 {
        let mut visitors = three(&accounts).await;
        accounts.wait(hour.saturating_sub(Duration::from_millis(3001)));
        assert_eq!(accounts.another().sign_in(7).await.status, StatusCode::FORBIDDEN);
        visitors[2].sees().await;
        accounts.wait(Duration::from_secs(3));
        assert_eq!(accounts.count(7).await, 1);
        accounts.signed_in(7).await;
        accounts.signed_in(7).await;
        assert_eq!(accounts.another().sign_in(7).await.status, StatusCode::FORBIDDEN);
        accounts.wait(hour);
        assert_eq!(accounts.count(7).await, 0);
    }
}

/// What has ended by what is configured today is over, whatever is stored.
async fn s21_what_ends_earlier_since_a_restart_does_not_count(keeping: Keeping) {
    let hour = Duration::from_hours(1);
    for evict in [Evict::Oldest, Evict::Deny] {
        let accounts = Accounts::with(keeping, |layer| layer.limit(1, evict).expiry(Expiry::lifetime(10 * hour)));
        accounts.signed_in(7).await;
        accounts.wait(2 * hour);
        let accounts = accounts.restarted(|layer| layer.limit(1, evict).expiry(Expiry::lifetime(hour)));
        assert_eq!(accounts.count(7).await, 0);
        assert_eq!(accounts.another().sign_in(7).await.status, StatusCode::OK, "{evict:?}");
        assert_eq!(accounts.count(7).await, 1);
    }
}
