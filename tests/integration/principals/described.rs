//! A session says on what device it is used.

use session_runtime::Session;
use session_tests::{Account, Accounts, Keeping, Visitor, over_every_server_side_store};

over_every_server_side_store!(
    a_description_is_kept_and_listed,
    a_description_survives_a_sign_in_and_a_new_id,
    a_long_description_is_cut_between_characters,
    a_description_alone_makes_no_session,
    a_description_that_is_as_it_was_is_not_written,
);

async fn describe(visitor: &mut Visitor, text: &'static str) {
    visitor.visit::<Account>(move |account| account.describe(text)).await;
}

async fn listed(accounts: &Accounts) -> Vec<Option<String>> {
    accounts.sessions(7).await.iter().map(|entry| entry.description().map(str::to_owned)).collect()
}

async fn a_description_is_kept_and_listed(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.signed_in(7).await;
    assert_eq!(listed(&accounts).await, [None]);
    for text in ["Firefox on Linux", "<b>a stranger's\0 text</b>", ""] {
        let id = visitor.held();
        describe(&mut visitor, text).await;
        assert_eq!(listed(&accounts).await, [Some(text.to_owned())]);
        assert_eq!(visitor.held(), id);
    }
}

async fn a_description_survives_a_sign_in_and_a_new_id(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.another();
    visitor.fill(2).await;
    describe(&mut visitor, "Firefox on Linux").await;
    let expected = [Some("Firefox on Linux".to_owned())];
    visitor.sign_in(7).await;
    assert_eq!(listed(&accounts).await, expected);
    visitor.visit::<Account>(|account| account.regenerate_id()).await;
    visitor.sign_in(7).await;
    assert_eq!(listed(&accounts).await, expected);
    let at_once = |account: &mut Session<Account>| {
        account.destroy();
        account.set_user(7_u32);
        account.describe("curl");
    };
    visitor.visit::<Account>(at_once).await;
    assert_eq!(listed(&accounts).await, [Some("curl".to_owned())]);
}

async fn a_long_description_is_cut_between_characters(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.signed_in(7).await;
    for (text, kept) in [("x".repeat(256), 256), ("x".repeat(257), 256), (format!("x{}", "é".repeat(200)), 255)] {
        let expected = [Some(text[..kept].to_owned())];
        visitor.visit::<Account>(move |account| account.describe(&text)).await;
        assert_eq!(listed(&accounts).await, expected);
    }
}

async fn a_description_alone_makes_no_session(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.another();
    describe(&mut visitor, "Firefox on Linux").await;
    assert_eq!((visitor.id(), accounts.calls()), (None, "none".to_owned()));
    visitor.fill(2).await;
    describe(&mut visitor, "Firefox on Linux").await;
    visitor.visit::<Account>(Session::<Account>::clear).await;
    assert_eq!(visitor.id(), None, "nothing else is left");
}

async fn a_description_that_is_as_it_was_is_not_written(keeping: Keeping) {
    let accounts = Accounts::new(keeping);
    let mut visitor = accounts.signed_in(7).await;
    describe(&mut visitor, "Firefox on Linux").await;
    accounts.calls();
    describe(&mut visitor, "Firefox on Linux").await;
    assert_eq!(accounts.calls(), "1 load");
}
