//! The jars of axum-extra, with the payload as JSON in one cookie: what an application writes that has no sessions.

use axum_extra::extract::cookie::{Cookie, Key, SameSite};
use serde::{Deserialize, Serialize};

use crate::payload::{COUNTER, LOCALE, NAME, ROLES, SEEN_AT, TEXT, TOKEN, USER_ID};

/// The same subject with another jar.
macro_rules! subject {
    ($name:literal, $jar:ident) => {
        use std::hint::black_box;

        use axum::routing::get;
        use axum_extra::extract::cookie::$jar;

        use super::{COOKIE, Payload, key, to_cookie};
        use crate::{
            Place,
            subjects::{BODY, Handlers, SetsCookie, Subject},
        };

        pub(in crate::subjects) const SUBJECT: Subject = Subject {
            name: $name,
            place: Place::Process,
            sets_cookie: SetsCookie::WithEveryChange,
            router: |_| {
                let router = Handlers {
                    read: get(read).with_state(key()),
                    add_one: get(add_one).with_state(key()),
                    create: get(create).with_state(key()),
                    counter: get(counter).with_state(key()),
                }
                .into_router();
                Ok(router)
            },
        };

        async fn read(jar: $jar) -> &'static str {
            black_box(payload(&jar).user_id);
            BODY
        }

        async fn add_one(jar: $jar) -> ($jar, &'static str) {
            let mut payload = payload(&jar);
            payload.counter += 1;
            (jar.add(to_cookie(&payload)), BODY)
        }

        async fn create(jar: $jar) -> ($jar, &'static str) {
            (jar.add(to_cookie(&Payload::new())), BODY)
        }

        async fn counter(jar: $jar) -> String {
            payload(&jar).counter.to_string()
        }

        fn payload(jar: &$jar) -> Payload {
            let cookie = jar.get(COOKIE).expect("the client keeps its cookie");
            serde_json::from_str(cookie.value()).expect("what was written")
        }
    };
}

pub(super) mod private {
    //! Encrypted: AES-256-GCM.
    subject!("private-jar", PrivateCookieJar);
}

pub(super) mod signed {
    //! Readable: HMAC-SHA-256.
    subject!("signed-jar", SignedCookieJar);
}

const COOKIE: &str = "session";

fn key() -> Key {
    Key::from(&[7; 64])
}

fn to_cookie(payload: &Payload) -> Cookie<'static> {
    let text = serde_json::to_string(payload).expect("plain data");
    Cookie::build((COOKIE, text)).path("/").http_only(true).secure(true).same_site(SameSite::Lax).build()
}

#[derive(Serialize, Deserialize)]
struct Payload {
    user_id: u64,
    name: String,
    roles: Vec<String>,
    counter: u64,
    text: String,
    locale: String,
    token: String,
    seen_at: i64,
}

impl Payload {
    fn new() -> Payload {
        Payload {
            user_id: USER_ID,
            name: NAME.to_owned(),
            roles: ROLES.map(str::to_owned).into(),
            counter: COUNTER,
            text: TEXT.to_owned(),
            locale: LOCALE.to_owned(),
            token: TOKEN.to_owned(),
            seen_at: SEEN_AT,
        }
    }
}
