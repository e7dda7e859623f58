//! This project: with its memory store, once with each serializer, with Redis, and with the session in the cookie.

use session_runtime::{Key, RedisStore};

use crate::{Result, site::Site};

/// The same subject with another store, another serializer, or shorter names.
macro_rules! subject {
    (
        $name:literal, $sets_cookie:ident, |$site:pat_param| $store:expr $(, #[$serializer:meta])?
        $(, names: $user_id:literal $user:literal $roles:literal $counter:literal
            $text:literal $locale:literal $token:literal $seen_at:literal)?
    ) => {
        use std::hint::black_box;

        use axum::routing::get;
        use session_runtime::{Session, SessionLayer, session};

        use crate::{
            payload::{COUNTER, LOCALE, NAME, ROLES, SEEN_AT, TEXT, TOKEN, USER_ID},
            subjects::{BODY, Handlers, SetsCookie, Subject},
        };

        pub(in crate::subjects) const SUBJECT: Subject = Subject {
            name: $name,
            sets_cookie: SetsCookie::$sets_cookie,
            router: |$site| {
                let layer = SessionLayer::new($store);
                let router = Handlers {
                    read: get(read),
                    add_one: get(add_one),
                    create: get(create),
                    counter: get(counter),
                }
                .into_router()
                .layer(layer);
                Ok(router)
            },
        };

        #[derive(Session)]
        $(#[$serializer])?
        struct Payload {
            $(#[session(rename = $user_id)])?
            user_id: u64,
            $(#[session(rename = $user)])?
            name: String,
            $(#[session(rename = $roles)])?
            roles: Vec<String>,
            $(#[session(rename = $counter)])?
            counter: u64,
            $(#[session(rename = $text)])?
            text: String,
            $(#[session(rename = $locale)])?
            locale: String,
            $(#[session(rename = $token)])?
            token: String,
            $(#[session(rename = $seen_at)])?
            seen_at: i64,
        }

        #[session(autoload)]
        async fn read(session: &Session<Payload>) -> &'static str {
            black_box(session.user_id());
            BODY
        }

        #[session(autoload)]
        async fn add_one(session: &mut Session<Payload>) -> &'static str {
            *session.counter_mut() += 1;
            BODY
        }

        #[session(autoload)]
        async fn create(session: &mut Session<Payload>) -> &'static str {
            session.set_user_id(USER_ID);
            session.set_name(NAME);
            session.set_roles(ROLES.map(str::to_owned));
            session.set_counter(COUNTER);
            session.set_text(TEXT);
            session.set_locale(LOCALE);
            session.set_token(TOKEN);
            session.set_seen_at(SEEN_AT);
            BODY
        }

        #[session(autoload)]
        async fn counter(session: &Session<Payload>) -> String {
            session.counter().to_string()
        }
    };
}

pub(super) mod json {
    //! Values as JSON, the default.
    use session_runtime::MemoryStore;
    subject!("ours", WhenNeeded, |_| MemoryStore::new());
}

pub(super) mod bincode {
    //! Values as Bincode.
    use session_runtime::{Bincode, MemoryStore};
    subject!("ours-bincode", WhenNeeded, |_| MemoryStore::new(), #[session(serializer = Bincode)]);
}

pub(super) mod redis {
    //! In Redis.
    subject!("ours-redis", WhenNeeded, |site| super::redis(site)?);
}

pub(super) mod redis_near_cache {
    //! In Redis, and what was read last in memory too.
    subject!("ours-redis-near-cache", WhenNeeded, |site| super::redis(site)?.key_prefix("near:").near_cache(1_000));
}

pub(super) mod sealed {
    //! In the cookie, encrypted.
    use session_runtime::{Bincode, CookieStore};
    subject!("ours-sealed", WithEveryChange, |_| CookieStore::new(super::key()), #[session(serializer = Bincode)]);
}

pub(super) mod sealed_short_names {
    //! In the cookie, encrypted, each field under one letter.
    use session_runtime::{Bincode, CookieStore};
    subject!(
        "ours-sealed-short", WithEveryChange, |_| CookieStore::new(super::key()), #[session(serializer = Bincode)],
        names: "u" "n" "r" "c" "t" "l" "k" "s"
    );
}

pub(super) mod sealed_compressed {
    //! In the cookie, compressed and encrypted.
    use session_runtime::{Bincode, CookieStore};
    subject!(
        "ours-sealed-compressed", WithEveryChange, |_| CookieStore::new(super::key()).compress(32),
        #[session(serializer = Bincode)]
    );
}

pub(super) mod signed {
    //! In the cookie, readable.
    use session_runtime::{Bincode, CookieStore};
    subject!("ours-signed", WithEveryChange, |_| CookieStore::signed(super::key()), #[session(serializer = Bincode)]);
}

fn redis(site: Site<'_>) -> Result<RedisStore> {
    Ok(site.runtime.block_on(RedisStore::connect(site.redis()?))?)
}

fn key() -> Key {
    Key::from_bytes([7; Key::MIN_LEN]).expect("long enough")
}
