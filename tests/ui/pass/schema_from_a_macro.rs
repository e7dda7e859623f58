#![deny(warnings)]

use session_runtime::{Session, SessionHandle};

mod types {
    #[derive(serde::Serialize, serde::Deserialize, Default, Debug, PartialEq)]
    pub struct Item(pub u8);
}

macro_rules! schema {
    ($name:ident { $($field:ident: $ty:ty = $default:expr, $stored:literal;)* }) => {
        #[derive(Session)]
        #[session(namespace = "made", crate = ::session_runtime)]
        struct $name {
            $(#[session(default = $default, rename = $stored)] $field: $ty,)*
            item: $crate::types::Item,
            optional: Option<$crate::types::Item>,
        }
    };
}

schema!(Visits { hits: u32 = 1 + 2, "h"; page: String = "home".to_owned(), "p"; });

macro_rules! optional {
    ($ty:ty, $inner:ty) => {
        #[derive(Session)]
        struct Optional {
            whole: $ty,
            inside: Option<$inner>,
        }
    };
}

optional!(Option<u32>, u32);

fn main() {
    let handle = SessionHandle::detached();
    let mut visits = handle.get::<Visits>().unwrap();
    assert_eq!((visits.hits(), visits.page().as_str()), (3, "home"));
    visits.set_hits(4);
    visits.set_item(types::Item(1));
    visits.set_optional(types::Item(2));
    assert_eq!(visits.changed_fields(), ["made.h", "made.item", "made.optional"]);
    let mut optional = handle.get::<Optional>().unwrap();
    optional.set_whole(optional.inside().unwrap_or(3));
    assert_eq!(optional.take_whole(), Some(3));
}
