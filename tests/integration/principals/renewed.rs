//! Who gains or loses privileges gets a new id, whatever the handler does: T38, security line 13.

use axum::http::StatusCode;
use session_runtime::{Expiry, Session, SessionHandle};
use session_tests::{Account, Accounts, Keeping, Visitor, load, over_every_server_side_store};
use std::time::Duration;

over_every_server_side_store!(
    t38_s13_a_sign_in_renews_the_id_and_keeps_the_data,
    s13_signing_in_again_renews_the_id,
    s13_a_switch_to_another_user_renews_the_id,
    s13_a_sign_out_that_keeps_the_session_renews_the_id,
    s13_lending_or_putting_back_the_user_renews_nothing,
    s13_a_sign_in_that_is_saved_renews_the_id,
    s13_a_refusal_commits_a_sign_in_and_a_failure_does_not,
    s13_the_id_before_a_sign_in_has_no_grace,
);

/// A browser whose cart holds two.
async fn with_a_cart(accounts: &Accounts) -> Visitor {
    let mut visitor = accounts.another();
    visitor.fill(2).await;
    visitor
}

/// Whether the id is another one after this; if it is, the old one is dead.
async fn renews(visitor: &mut Visitor, act: impl FnOnce(&mut Session<Account>) + Send + 'static) -> bool {
    let old = visitor.held();
    let answer = visitor.visit::<Account>(act).await;
    assert_eq!(answer.status, StatusCode::OK);
    let is_new = visitor.held() != old;
    assert_eq!(answer.set_cookies().len(), usize::from(is_new));
    if is_new {
        assert_eq!(visitor.another().holding(&old).sees().await, "nobody, 0 in the cart");
    }
    is_new
}

async fn t38_s13_a_sign_in_renews_the_id_and_keeps_the_data(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = with_a_cart(&accounts).await;
    assert!(renews(&mut visitor, |account| account.set_user(7_u32)).await);
    assert_eq!(visitor.sees().await, "7, 2 in the cart");
    let mut visitor = with_a_cart(&accounts).await;
    assert!(renews(&mut visitor, |account| *account.user_mut() = Some(7)).await);
    assert_eq!(visitor.sees().await, "7, 2 in the cart");
}

async fn s13_signing_in_again_renews_the_id(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = with_a_cart(&accounts).await;
    visitor.sign_in(7).await;
    for _ in 0..2 {
        assert!(renews(&mut visitor, |account| account.set_user(7_u32)).await);
        assert_eq!(visitor.sees().await, "7, 2 in the cart");
    }
}

async fn s13_a_switch_to_another_user_renews_the_id(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = with_a_cart(&accounts).await;
    visitor.sign_in(7).await;
    assert!(renews(&mut visitor, |account| account.set_user(8_u32)).await);
    assert_eq!(visitor.sees().await, "8, 2 in the cart");
    assert_eq!((accounts.count(7).await, accounts.count(8).await), (0, 1));
}

async fn s13_a_sign_out_that_keeps_the_session_renews_the_id(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = with_a_cart(&accounts).await;
    let clearing: [fn(&mut Session<Account>); 3] = [
        Session::<Account>::clear_user,
        |account| assert_eq!(account.take_user(), Some(7)),
        |account| *account.user_mut() = None,
    ];
    for clear in clearing {
        visitor.sign_in(7).await;
        assert!(renews(&mut visitor, clear).await);
        assert_eq!(visitor.sees().await, "nobody, 2 in the cart");
        assert_eq!(accounts.count(7).await, 0);
    }
    assert!(!renews(&mut visitor, Session::<Account>::clear_user).await, "nobody was signed in");
}

async fn s13_lending_or_putting_back_the_user_renews_nothing(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = with_a_cart(&accounts).await;
    visitor.sign_in(7).await;
    let handle = accounts.only_handle(7).await;
    assert!(!renews(&mut visitor, |account| assert_eq!(*account.user_mut(), Some(7))).await);
    assert!(!renews(&mut visitor, |account| *account.user_mut() = Some(7)).await);
    assert!(!renews(&mut visitor, |account| account.replace(account.snapshot())).await);
    let waver = |account: &mut Session<Account>| {
        account.set_user(8_u32);
        account.discard();
    };
    assert!(!renews(&mut visitor, waver).await);
    assert_eq!(accounts.only_handle(7).await, handle);
    assert_eq!(visitor.sees().await, "7, 2 in the cart");
}

async fn s13_a_sign_in_that_is_saved_renews_the_id(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = with_a_cart(&accounts).await;
    let old = visitor.held();
    let save = async |handle: SessionHandle| {
        let mut account = load::<Account>(&handle).await;
        let before = account.id();
        account.set_user(7_u32);
        account.save().await.expect("saved");
        assert_ne!(account.id(), before);
        account.set_cart(3_u32);
        StatusCode::INTERNAL_SERVER_ERROR
    };
    assert_eq!(visitor.act(save).await.set_cookies().len(), 1);
    assert_eq!(visitor.sees().await, "7, 2 in the cart");
    assert_eq!(visitor.another().holding(&old).sees().await, "nobody, 0 in the cart");
}

async fn s13_a_refusal_commits_a_sign_in_and_a_failure_does_not(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let statuses = [(StatusCode::NOT_FOUND, true), (StatusCode::SEE_OTHER, true), (StatusCode::BAD_GATEWAY, false)];
    for (status, commits) in statuses {
        let mut visitor = with_a_cart(&accounts).await;
        let old = visitor.held();
        let sign_in = async move |handle: SessionHandle| {
            load::<Account>(&handle).await.set_user(7_u32);
            status
        };
        let answer = visitor.act(sign_in).await;
        assert_eq!((answer.status, answer.set_cookies().len()), (status, usize::from(commits)));
        assert_eq!(visitor.held() != old, commits);
        assert_eq!(visitor.sees().await, if commits { "7, 2 in the cart" } else { "nobody, 2 in the cart" });
    }
    assert_eq!(accounts.count(7).await, 2);
}

/// A rotation that is due at the same time changes nothing about that.
async fn s13_the_id_before_a_sign_in_has_no_grace(keeping: Keeping) {
    let hour = Duration::from_hours(1);
    let accounts = Accounts::with(keeping, |layer| layer.expiry(Expiry::idle(10 * hour).rotate_every(hour)));
    let mut visitor = with_a_cart(&accounts).await;
    accounts.wait(2 * hour);
    assert!(renews(&mut visitor, |account| account.set_user(7_u32)).await);
    accounts.wait(2 * hour);
    assert!(renews(&mut visitor, Session::<Account>::clear_user).await);
}
