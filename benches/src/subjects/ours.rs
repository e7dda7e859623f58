//! This project with its memory store, once with each serializer.

/// The same subject with another serializer.
macro_rules! subject {
    ($name:literal $(, #[$serializer:meta])?) => {
        use std::hint::black_box;

        use axum::routing::get;
        use session_runtime::{MemoryStore, Session, SessionLayer, session};

        use crate::{
            payload::{COUNTER, LOCALE, NAME, ROLES, SEEN_AT, TEXT, TOKEN, USER_ID},
            subjects::{BODY, Handlers, SetsCookie, Subject},
        };

        pub(in crate::subjects) const SUBJECT: Subject = Subject {
            name: $name,
            sets_cookie: SetsCookie::WhenNeeded,
            router: |_| {
                Handlers {
                    read: get(read),
                    add_one: get(add_one),
                    create: get(create),
                    counter: get(counter),
                }
                .into_router()
                .layer(SessionLayer::new(MemoryStore::new()))
            },
        };

        #[derive(Session)]
        $(#[$serializer])?
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
    subject!("ours");
}

pub(super) mod bincode {
    //! Values as Bincode.
    use session_runtime::Bincode;
    subject!("ours-bincode", #[session(serializer = Bincode)]);
}
