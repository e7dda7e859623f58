//! How a session begins, is read and changed, and ends: T01 to T16, T38, T39, T44.

use axum::http::StatusCode;
use session_runtime::{Session, SessionHandle};
use session_tests::{Keeping, Kept, Notes, Visits, load, over_every_store};
use std::time::Duration;

use super::foreign;

over_every_store!(
    t01_s36_a_visitor_without_data_gets_no_cookie,
    t02_s11_t39_a_cookie_that_was_not_made_here_is_never_adopted,
    t03_the_first_change_sets_one_cookie,
    t06_a_second_field_joins_the_first,
    t06_a_value_that_is_as_it_was_sets_no_cookie,
    t07_a_counter_counts,
    t08_two_clients_have_two_sessions,
    t09_s19_clearing_removes_the_cookie,
    t09_clearing_ends_only_what_no_other_schema_holds,
    t10_s19_a_sign_out_removes_the_cookie,
    t11_an_end_without_a_session_sends_no_cookie,
    t12_t13_reading_and_not_asking_set_no_cookie,
    t15_a_second_load_sees_what_was_changed_after_the_first,
    t16_s36_lending_without_changing_makes_no_session,
    t16_a_flash_message_is_taken_once,
    t38_s13_a_new_id_keeps_the_data,
    t38_what_is_set_after_a_sign_out_is_a_new_session,
    t44_what_is_discarded_is_not_written,
    what_is_saved_and_changed_again_comes_with_one_cookie,
    what_is_saved_stays_when_the_response_fails,
    a_session_is_saved_and_ended_in_one_request,
    what_was_saved_is_read_by_a_reload,
);

async fn t01_s36_a_visitor_without_data_gets_no_cookie(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    let answer = kept.get("/view").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"));
    assert!(answer.sets_no_cookie());
    assert_eq!(kept.get("/origin").await.text(), "New");
}

async fn t02_s11_t39_a_cookie_that_was_not_made_here_is_never_adopted(keeping: Keeping) {
    let planted = foreign(keeping).await;
    let mut kept = Kept::new(keeping);
    kept.hold(&planted);
    let answer = kept.get("/view").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "{}"));
    assert!(answer.sets_no_cookie());
    let origin = if keeping.asks_store() { "UnknownId" } else { "BadSignature" };
    assert_eq!(kept.get("/origin").await.text(), origin);
    kept.get("/update?key=value").await;
    assert_ne!(kept.held(), planted);
    assert_eq!(kept.get("/view").await.text(), r#"{"key":"value"}"#);
    kept.hold(&planted);
    assert_eq!(kept.get("/view").await.text(), "{}");
}

async fn t03_the_first_change_sets_one_cookie(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    let answer = kept.get("/update?some=data").await;
    assert_eq!(answer.text(), r#"{"some":"data"}"#);
    assert_eq!(answer.set_cookie().name, "__Host-id");
    assert_eq!(kept.get("/view").await.text(), r#"{"some":"data"}"#);
    assert_eq!(kept.get("/origin").await.text(), "Loaded");
}

async fn t06_a_second_field_joins_the_first(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let answer = kept.get("/update?key=value").await;
    assert_eq!(answer.text(), r#"{"some":"data","key":"value"}"#);
    assert_eq!(answer.set_cookies().len(), usize::from(keeping.is_client_side()));
    assert_eq!(kept.get("/view").await.text(), r#"{"some":"data","key":"value"}"#);
}

async fn t06_a_value_that_is_as_it_was_sets_no_cookie(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    assert!(kept.get("/update?some=data").await.sets_no_cookie());
}

async fn t07_a_counter_counts(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    for expected in ["1", "2", "3"] {
        assert_eq!(kept.get("/count").await.text(), expected);
    }
}

async fn t08_two_clients_have_two_sessions(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    let mut other = kept.other();
    kept.get("/update?some=mine").await;
    other.get("/update?some=theirs").await;
    assert_ne!(kept.id(), other.id());
    assert_eq!(kept.get("/view").await.text(), r#"{"some":"mine"}"#);
    assert_eq!(other.get("/view").await.text(), r#"{"some":"theirs"}"#);
}

async fn t09_s19_clearing_removes_the_cookie(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let answer = kept.get("/clear").await;
    let cookie = answer.set_cookie();
    assert_eq!((cookie.name, cookie.value), ("__Host-id", ""));
    let expected =
        ["Expires=Thu, 01 Jan 1970 00:00:00 GMT", "HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax", "Secure"];
    assert_eq!(cookie.attributes, expected);
    assert_eq!(kept.get("/view").await.text(), "{}");
}

async fn t09_clearing_ends_only_what_no_other_schema_holds(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    kept.get("/count").await;
    kept.get("/clear").await;
    assert_eq!(kept.get("/view").await.text(), "{}");
    assert_eq!(kept.get("/count").await.text(), "2");
}

async fn t10_s19_a_sign_out_removes_the_cookie(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let answer = kept.get("/destroy").await;
    assert_eq!((answer.set_cookie().value, answer.set_cookie().max_age()), ("", Some(0)));
    assert_eq!(kept.id(), None);
    assert_eq!(kept.get("/view").await.text(), "{}");
    assert_eq!(kept.get("/count").await.text(), "1");
}

async fn t11_an_end_without_a_session_sends_no_cookie(keeping: Keeping) {
    for ending in ["/clear", "/destroy"] {
        let mut kept = Kept::new(keeping);
        assert!(kept.get(ending).await.sets_no_cookie(), "{ending}");
        kept.hold(&foreign(keeping).await);
        assert!(kept.get(ending).await.sets_no_cookie(), "{ending}");
    }
}

async fn t12_t13_reading_and_not_asking_set_no_cookie(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    for path in ["/view", "/origin", "/plain"] {
        assert!(kept.get(path).await.sets_no_cookie(), "{path}");
    }
}

async fn t15_a_second_load_sees_what_was_changed_after_the_first(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/count").await;
    let twice = async |handle: SessionHandle| {
        load::<Notes>(&handle).await.set_some("data");
        assert_eq!(load::<Notes>(&handle).await.some().map(String::as_str), Some("data"));
        load::<Visits>(&handle).await.set_hits(7);
    };
    kept.act(twice).await;
    assert_eq!(kept.get("/view").await.text(), r#"{"some":"data"}"#);
    assert_eq!(kept.get("/count").await.text(), "8");
}

async fn t16_s36_lending_without_changing_makes_no_session(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    let lend = |notes: &mut Session<Notes>| {
        notes.some_mut().take();
        notes.clear();
        notes.regenerate_id();
        notes.set_lifetime(Duration::from_hours(1));
    };
    assert!(kept.visit::<Notes>(lend).await.sets_no_cookie());
}

async fn t16_a_flash_message_is_taken_once(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=hello&key=value").await;
    kept.visit::<Notes>(|notes| assert_eq!(notes.take_some().as_deref(), Some("hello"))).await;
    kept.visit::<Notes>(|notes| assert_eq!(notes.take_some(), None)).await;
    assert_eq!(kept.get("/view").await.text(), r#"{"key":"value"}"#);
}

async fn t38_s13_a_new_id_keeps_the_data(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let (old, before) = (kept.held(), kept.clock.now());
    kept.wait(Duration::from_secs(1));
    assert_eq!(kept.visit::<Notes>(|notes| notes.regenerate_id()).await.set_cookies().len(), 1);
    assert_ne!(kept.held(), old);
    let renewed = kept.clock.now();
    let told = move |notes: &mut Session<Notes>| {
        assert_eq!(notes.some().map(String::as_str), Some("data"));
        assert_eq!((notes.metadata().created(), notes.metadata().renewed()), (before, renewed));
    };
    kept.visit::<Notes>(told).await;
}

async fn t38_what_is_set_after_a_sign_out_is_a_new_session(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    kept.get("/count").await;
    let old = kept.held();
    kept.wait(Duration::from_secs(1));
    let again = |notes: &mut Session<Notes>| {
        notes.destroy();
        notes.set_key("value");
    };
    assert_eq!(kept.visit::<Notes>(again).await.set_cookies().len(), 1);
    assert_ne!(kept.held(), old);
    let now = kept.clock.now();
    kept.visit::<Notes>(move |notes| assert_eq!(notes.metadata().created(), now)).await;
    assert_eq!(kept.get("/view").await.text(), r#"{"key":"value"}"#);
    assert_eq!(kept.get("/count").await.text(), "1");
}

async fn t44_what_is_discarded_is_not_written(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/update?some=data").await;
    let waver = |notes: &mut Session<Notes>| {
        notes.set_some("changed");
        notes.regenerate_id();
        notes.discard();
    };
    assert!(kept.visit::<Notes>(waver).await.sets_no_cookie());
    assert_eq!(kept.get("/view").await.text(), r#"{"some":"data"}"#);
}

async fn what_is_saved_and_changed_again_comes_with_one_cookie(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    for round in 0..2_u32 {
        let save = async move |handle: SessionHandle| {
            let mut visits = load::<Visits>(&handle).await;
            visits.set_hits(10 * round + 1);
            visits.save().await.expect("saved");
            visits.set_hits(10 * round + 2);
            load::<Notes>(&handle).await.set_some("data");
        };
        assert!(kept.act(save).await.set_cookies().len() <= 1, "{round}");
        kept.visit::<Visits>(move |visits| assert_eq!(visits.hits(), 10 * round + 2)).await;
        assert_eq!(kept.get("/view").await.text(), r#"{"some":"data"}"#);
    }
}

async fn what_is_saved_stays_when_the_response_fails(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    for round in 1..3_u32 {
        let fail = async move |handle: SessionHandle| {
            let mut visits = load::<Visits>(&handle).await;
            visits.set_hits(round);
            visits.save().await.expect("saved");
            visits.set_hits(100);
            StatusCode::INTERNAL_SERVER_ERROR
        };
        kept.act(fail).await;
        kept.visit::<Visits>(move |visits| assert_eq!(visits.hits(), round)).await;
    }
}

async fn a_session_is_saved_and_ended_in_one_request(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    let both = async |handle: SessionHandle| {
        let mut notes = load::<Notes>(&handle).await;
        notes.set_some("data");
        notes.save().await.expect("saved");
        notes.destroy();
    };
    assert!(kept.act(both).await.sets_no_cookie());
    kept.get("/update?some=data").await;
    assert_eq!(kept.act(both).await.set_cookie().value, "");
    assert_eq!(kept.get("/view").await.text(), "{}");
}

async fn what_was_saved_is_read_by_a_reload(keeping: Keeping) {
    let mut kept = Kept::new(keeping);
    kept.get("/count").await;
    let reload = async |handle: SessionHandle| {
        let mut visits = load::<Visits>(&handle).await;
        visits.set_hits(5);
        visits.save().await.expect("saved");
        visits.set_hits(6);
        visits.reload().await.expect("loaded");
        assert_eq!(visits.hits(), 5);
        *visits.hits_mut() += 10;
    };
    kept.act(reload).await;
    assert_eq!(kept.get("/count").await.text(), "16");
}
