//! A field that says whose session it is, beside everything that it may have beside it.
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};
use session_runtime::{Bincode, Session, SessionHandle};

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
struct UserId(u64);

impl Display for UserId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "user {}", self.0)
    }
}

#[derive(Session)]
struct Login {
    #[session(principal)]
    user: Option<UserId>,
    last_page: String,
}

#[derive(Session)]
#[session(namespace = "shop")]
struct Shop {
    #[session(principal, copy, rename = "of", accessor = "buyer", serializer = Bincode, on_mismatch = "reject")]
    r#for: std::option::Option<UserId>,
}

#[derive(Session)]
struct Plain {
    #[session(principal)]
    name: Option<String>,
}

fn main() {
    let handle = SessionHandle::detached();
    let mut login = handle.get::<Login>().unwrap();
    login.set_user(UserId(7));
    assert_eq!(login.user(), Some(&UserId(7)));
    login.set_last_page("home");
    login.discard();

    // A snapshot of a session changes nothing of whose it is.
    let same = login.snapshot();
    login.replace(same);
    assert_eq!(login.changed_fields(), ["last_page"]);
    login.replace(Login { user: Some(UserId(7)), last_page: String::new() });
    assert_eq!(login.changed_fields(), ["user", "last_page"]);
    assert_eq!(login.take_user(), Some(UserId(7)));

    let mut shop = handle.get::<Shop>().unwrap();
    shop.set_buyer(UserId(1));
    assert_eq!((shop.buyer(), shop.changed_fields()), (Some(UserId(1)), vec!["shop.of"]));

    let mut plain = handle.get::<Plain>().unwrap();
    plain.set_name("ada");
    plain.clear_name();
}
