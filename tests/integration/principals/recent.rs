//! What a session that was left open must not allow takes a recent sign-in: security line 31, and of line 16 that it begins all times anew.

use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::{Expiry, Session, SessionError, SessionHandle};
use session_tests::{Account, Accounts, Answer, Keeping, Visitor, load, over_every_server_side_store};

const HOUR: Duration = Duration::from_hours(1);
const MILLISECOND: Duration = Duration::from_millis(1);

over_every_server_side_store!(
    s31_a_sign_in_is_recent_for_so_long,
    s31_nobody_signed_in_recently,
    s31_a_session_tells_when_somebody_signed_in,
    s31_s16_signing_in_again_begins_the_lifetime_anew,
    s31_s16_signing_in_gives_the_lifetime_of_the_layer_back,
    s31_a_visit_does_not_begin_the_lifetime_anew,
);

/// A request that takes a sign-in within the last hour.
async fn pay(visitor: &mut Visitor) -> Answer {
    let pay = async |handle: SessionHandle| {
        load::<Account>(&handle).await.require_recent(HOUR)?;
        Ok::<_, SessionError>("paid")
    };
    visitor.act(pay).await
}

async fn pays(visitor: &mut Visitor) -> bool {
    let answer = pay(visitor).await;
    if answer.status == StatusCode::OK {
        return true;
    }
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.text().contains("paid") && answer.text().contains("sign in"), "{}", answer.text());
    false
}

async fn s31_a_sign_in_is_recent_for_so_long(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.signed_in(7).await;
    assert!(pays(&mut visitor).await);
    accounts.wait(HOUR);
    assert!(pays(&mut visitor).await);
    accounts.wait(MILLISECOND);
    assert!(!pays(&mut visitor).await);
    visitor.visit::<Account>(|account| account.regenerate_id()).await;
    visitor.visit::<Account>(|account| *account.user_mut() = Some(7)).await;
    assert!(!pays(&mut visitor).await, "that was no sign-in");
    visitor.sign_in(7).await;
    accounts.wait(HOUR);
    assert!(pays(&mut visitor).await);
}

async fn s31_nobody_signed_in_recently(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.another();
    assert!(!pays(&mut visitor).await);
    visitor.fill(2).await;
    assert!(!pays(&mut visitor).await);
    visitor.sign_in(7).await;
    assert!(pays(&mut visitor).await);
    visitor.visit::<Account>(Session::<Account>::clear_user).await;
    assert!(!pays(&mut visitor).await, "signed out");
}

async fn s31_a_session_tells_when_somebody_signed_in(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.another();
    visitor.fill(2).await;
    let expect = async |visitor: &mut Visitor, expected| {
        let tell = move |account: &mut Session<Account>| assert_eq!(account.metadata().authenticated_at(), expected);
        visitor.visit::<Account>(tell).await
    };
    expect(&mut visitor, None).await;
    for _ in 0..2 {
        accounts.wait(HOUR);
        visitor.sign_in(7).await;
        let signed_in = Some(accounts.clock.now());
        accounts.wait(HOUR);
        visitor.visit::<Account>(|account| account.regenerate_id()).await;
        expect(&mut visitor, signed_in).await;
    }
    visitor.visit::<Account>(Session::<Account>::clear_user).await;
    expect(&mut visitor, None).await;
}

async fn s31_s16_signing_in_again_begins_the_lifetime_anew(keeping: Keeping) {
    for expiry in [Expiry::lifetime(10 * HOUR), Expiry::idle(3 * HOUR).max_lifetime(10 * HOUR)] {
        let accounts = Accounts::with(keeping, |layer| layer.expiry(expiry));
        let mut visitor = accounts.another();
        visitor.fill(2).await;
        for _ in 0..3 {
            for _ in 0..4 {
                accounts.wait(2 * HOUR);
                assert_eq!(visitor.sees().await.split_once(", ").expect("two parts").1, "2 in the cart");
            }
            visitor.sign_in(7).await;
        }
        for _ in 0..4 {
            accounts.wait(2 * HOUR);
            assert_eq!(visitor.sees().await, "7, 2 in the cart");
        }
        accounts.wait((2 * HOUR).saturating_sub(MILLISECOND));
        assert_eq!(visitor.sees().await, "7, 2 in the cart");
        accounts.wait(MILLISECOND);
        assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
    }
}

/// Whoever asked not to be remembered this time lives as long as any other, from now on.
async fn s31_s16_signing_in_gives_the_lifetime_of_the_layer_back(keeping: Keeping) {
    let accounts = Accounts::with(keeping, |layer| layer.expiry(Expiry::lifetime(10 * HOUR)));
    let mut visitor = accounts.another();
    visitor.fill(2).await;
    accounts.wait(9 * HOUR);
    let sign_in = |account: &mut Session<Account>| {
        account.set_user(7_u32);
        account.reset_lifetime();
    };
    visitor.visit::<Account>(sign_in).await;
    accounts.wait((10 * HOUR).saturating_sub(MILLISECOND));
    assert_eq!(visitor.sees().await, "7, 2 in the cart");
    accounts.wait(MILLISECOND);
    assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
}

async fn s31_a_visit_does_not_begin_the_lifetime_anew(keeping: Keeping) {
    let accounts = Accounts::with(keeping, |layer| layer.expiry(Expiry::idle(3 * HOUR).max_lifetime(10 * HOUR)));
    let mut visitor = accounts.signed_in(7).await;
    for _ in 0..9 {
        accounts.wait(HOUR);
        visitor.visit::<Account>(|account| account.regenerate_id()).await;
        visitor.fill(2).await;
    }
    assert_eq!(visitor.sees().await, "7, 2 in the cart");
    accounts.wait(HOUR);
    assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
    assert_eq!(accounts.count(7).await, 0);
}
