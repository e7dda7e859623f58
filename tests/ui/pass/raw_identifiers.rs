#![deny(warnings)]

use session_runtime::{Session, SessionHandle};

#[derive(Session)]
#[allow(non_camel_case_types)]
struct r#fn {
    r#type: Option<String>,
    r#match: u32,
    r#plain: u32,
    #[session(accessor = "struct")]
    shape: u32,
    #[session(accessor = "r#loop")]
    turns: u32,
}

fn main() {
    let mut session: fnSession = SessionHandle::detached().get::<r#fn>().unwrap();
    session.set_type("a");
    assert_eq!(session.r#type().map(String::as_str), Some("a"));
    assert_eq!(session.take_type().as_deref(), Some("a"));
    session.clear_type();
    *session.match_mut() += 1;
    session.set_plain(session.r#match() + session.plain());
    session.set_struct(session.r#struct() + 1);
    session.set_loop(session.r#loop());
    assert_eq!(session.changed_fields(), ["match", "plain", "shape", "turns"]);
}
