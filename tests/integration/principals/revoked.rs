//! Sessions are ended from elsewhere, by their handles or all at once: security line 20.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use session_runtime::{Except, Expiry, Session, SessionHandle, SessionId, SessionRegistry};
use session_tests::{Account, Accounts, Keeping, Visitor, hex, load, over_every_server_side_store};
use std::time::Duration;

over_every_server_side_store!(
    s20_a_handle_ends_its_session,
    s20_a_handle_ends_no_session_of_another_user,
    s20_a_handle_is_neither_an_id_nor_part_of_one,
    s20_all_sessions_of_a_user_end_and_nobody_elses,
    s20_all_but_this_one_end,
    s20_all_but_this_one_end_whatever_its_request_did_before,
    s20_a_request_of_a_revoked_session_writes_nothing,
    s20_nothing_of_a_request_brings_a_revoked_session_back,
);

async fn s20_a_handle_ends_its_session(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let (mut here, mut there) = (accounts.signed_in(7).await, accounts.signed_in(7).await);
    let handle = handle_in(&accounts, &mut there).await;
    accounts.heard.take();
    assert!(accounts.registry.revoke(7, &handle).await.expect("an answer"));
    assert_eq!(accounts.heard.told(), "revoked");
    assert!(!accounts.registry.revoke(7, &handle).await.expect("an answer"), "it has ended");
    assert_eq!(there.sees().await, "nobody, 0 in the cart");
    assert_eq!(here.sees().await, "7, 0 in the cart");
    assert_eq!(accounts.count(7).await, 1);
    there.sign_in(7).await;
    assert_eq!(there.sees().await, "7, 0 in the cart");
}

async fn s20_a_handle_ends_no_session_of_another_user(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let (mut of_7, mut of_8) = (accounts.signed_in(7).await, accounts.signed_in(8).await);
    let handle = handle_in(&accounts, &mut of_7).await;
    for (user, handle) in [(8, &*handle), (9, &*handle), (7, ""), (7, "AAAAAAAAAAAAAAAA"), (7, &handle[..15])] {
        assert!(!accounts.registry.revoke(user, handle).await.expect("an answer"));
    }
    assert_eq!((of_7.sees().await, of_8.sees().await), ("7, 0 in the cart".to_owned(), "8, 0 in the cart".to_owned()));
}

async fn s20_a_handle_is_neither_an_id_nor_part_of_one(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.signed_in(7).await;
    let handle = handle_in(&accounts, &mut visitor).await;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    assert!(handle.len() == 16 && handle.bytes().all(plain), "{handle}");
    let id = async |handle: SessionHandle| load::<Account>(&handle).await.id().expect("an id").as_str().to_owned();
    let id = visitor.act(id).await.text().to_owned();
    let key = SessionId::parse(id.as_bytes()).expect("an id").store_key();
    for secret in [&id, &visitor.held(), &BASE64_URL_SAFE_NO_PAD.encode(key.as_bytes()), &hex(key.as_bytes())] {
        assert!(!secret.contains(&handle), "{handle}");
    }
    for cookie in [handle.clone(), handle.repeat(2)] {
        assert_eq!(visitor.another().holding(&cookie).sees().await, "nobody, 0 in the cart");
    }
}

async fn s20_all_sessions_of_a_user_end_and_nobody_elses(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut of_7 = [accounts.signed_in(7).await, accounts.signed_in(7).await, accounts.signed_in(7).await];
    let mut of_8 = accounts.signed_in(8).await;
    assert_eq!(revoke_all(&accounts, 7).await, 3);
    for visitor in &mut of_7 {
        assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
    }
    assert_eq!(of_8.sees().await, "8, 0 in the cart");
    assert_eq!((revoke_all(&accounts, 7).await, accounts.count(7).await, accounts.count(8).await), (0, 0, 1));
}

async fn s20_all_but_this_one_end(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let (mut here, mut there) = (accounts.signed_in(7).await, accounts.signed_in(7).await);
    let mut anonymous = accounts.another();
    anonymous.fill(2).await;
    assert_eq!(revoke_others(&accounts, &mut here).await, "1");
    assert_eq!(here.sees().await, "7, 0 in the cart");
    assert_eq!(there.sees().await, "nobody, 0 in the cart");
    // A session that is nobody's is none of them.
    assert_eq!(revoke_others(&accounts, &mut anonymous).await, "1");
    assert_eq!(anonymous.sees().await, "nobody, 2 in the cart");
    assert_eq!(here.sees().await, "nobody, 0 in the cart");
}

/// It renewed its id, without and with a sign-in, saved or not, now or a moment ago, or as its age demanded.
async fn s20_all_but_this_one_end_whatever_its_request_did_before(keeping: Keeping) {
    let hour = Duration::from_hours(1);
    let accounts = Accounts::with(keeping, |layer| layer.expiry(Expiry::idle(10 * hour).rotate_every(hour)));
    for (signs_in, saves) in [(false, false), (false, true), (true, false), (true, true)] {
        let (mut here, mut there) = (accounts.signed_in(7).await, accounts.signed_in(7).await);
        let registry = accounts.registry.clone();
        let renew = async move |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.regenerate_id();
            if signs_in {
                account.set_user(7_u32);
            }
            if saves {
                account.save().await.expect("saved");
            }
            others_end(&registry, &account).await
        };
        assert_eq!(here.act(renew).await.text(), "1", "signs in: {signs_in}, saves: {saves}");
        assert_eq!(here.sees().await, "7, 0 in the cart", "signs in: {signs_in}, saves: {saves}");
        assert_eq!(there.sees().await, "nobody, 0 in the cart");
        assert_eq!(revoke_others(&accounts, &mut here).await, "0", "it was renewed a moment ago");
        accounts.wait(2 * hour);
        let old = here.held();
        assert_eq!(revoke_others(&accounts, &mut here).await, "0");
        assert_ne!(here.held(), old, "its id was old");
        assert_eq!(revoke_others(&accounts, &mut here.another().holding(&old)).await, "0", "within the grace");
        assert_eq!(here.sees().await, "7, 0 in the cart");
        assert_eq!(revoke_all(&accounts, 7).await, 1);
    }
}

async fn s20_a_request_of_a_revoked_session_writes_nothing(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let visitor = accounts.signed_in(7).await;
    let slow = visitor.held_up::<Account>(|account| account.set_cart(2_u32)).await;
    let reading = visitor.held_up::<Account>(|account| assert_eq!(account.user(), Some(7))).await;
    assert_eq!(revoke_all(&accounts, 7).await, 1);
    accounts.heard.take();
    let answer = slow.goes_on().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.sets_no_cookie());
    assert_eq!(accounts.heard.told(), "lost");
    assert!(reading.goes_on().await.sets_no_cookie());
    assert_eq!(visitor.clone().sees().await, "nobody, 0 in the cart");
    assert_eq!(accounts.count(7).await, 0);
}

/// What it does begins a session of nobody's at most, which holds what it set and nothing else.
async fn s20_nothing_of_a_request_brings_a_revoked_session_back(keeping: Keeping) {
    let hour = Duration::from_hours(1);
    let accounts = Accounts::with(keeping, |layer| layer.expiry(Expiry::idle(10 * hour).rotate_every(hour)));
    let acts: [fn(&mut Session<Account>); 5] = [
        |account| account.regenerate_id(),
        |account| *account.user_mut() = Some(7),
        |account| account.set_lifetime(Duration::from_hours(100)),
        |account| account.replace(account.snapshot()),
        |account| account.describe("Firefox"),
    ];
    for act in acts {
        let mut visitor = accounts.signed_in(7).await;
        visitor.fill(2).await;
        accounts.wait(2 * hour);
        let slow = visitor.held_up::<Account>(act).await;
        assert_eq!(revoke_all(&accounts, 7).await, 1);
        let answer = slow.goes_on().await;
        visitor.take(&answer);
        assert_eq!(visitor.sees().await, "nobody, 0 in the cart");
        assert_eq!(accounts.count(7).await, 0);
    }
}

/// The handle of the session that this browser is in.
async fn handle_in(accounts: &Accounts, visitor: &mut Visitor) -> String {
    let registry = accounts.registry.clone();
    let own = async move |handle: SessionHandle| {
        let account = load::<Account>(&handle).await;
        let sessions = registry.sessions_of(account.user().expect("a user")).await.expect("an answer");
        sessions.iter().find(|entry| entry.is(&account)).expect("its own entry").handle().to_owned()
    };
    visitor.act(own).await.text().to_owned()
}

async fn revoke_all(accounts: &Accounts, user: u32) -> usize {
    accounts.registry.revoke_all(user, Except::None).await.expect("an answer")
}

/// A request that signs user 7 out everywhere else; how many sessions that ended.
async fn revoke_others(accounts: &Accounts, visitor: &mut Visitor) -> String {
    let registry = accounts.registry.clone();
    let act = async move |handle: SessionHandle| others_end(&registry, &load::<Account>(&handle).await).await;
    visitor.act(act).await.text().to_owned()
}

async fn others_end(registry: &SessionRegistry, account: &Session<Account>) -> String {
    registry.revoke_all(7, Except::This(account)).await.expect("an answer").to_string()
}
