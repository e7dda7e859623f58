//! The code that is written, and every message.

mod handler;
mod schema;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::LitStr;

use crate::{autoload, derive_session};

fn autoloaded(item: &TokenStream) -> TokenStream {
    autoload::handler(quote!(autoload), item)
}

#[test]
fn three_fields_become_the_code_of_the_snapshot() {
    let code = derive_session(quote! {
        struct Visits {
            /// How often the page was seen.
            hits: u32,
            user: Option<UserId>,
            cart: Vec<Item>,
        }
    });
    compare("visits.rs", &code);
}

#[test]
fn every_attribute_shows_in_the_code_of_the_snapshot() {
    let code = derive_session(quote! {
        #[session(serializer = Bincode, namespace = "cart", name = "CartInUse")]
        #[session(rename_all = "camelCase", crate = web::session)]
        #[allow(clippy::option_option)]
        pub(crate) struct Cart {
            #[session(serializer = MessagePack, on_mismatch = "reject")]
            pub first_item: String,
            #[session(default = Self::LIMIT)]
            limit: u8,
            #[session(rename = "n", accessor = "count", merge = sum)]
            items: u64,
            #[session(copy, merge = first::come, sealed, ttl = "1h30m")]
            owner: Option<UserId>,
            #[deprecated]
            #[expect(deprecated)]
            r#type: Option<Kind>,
            #[session(principal, copy, rename = "user")]
            buyer: Option<BuyerId>,
            #[session(skip)]
            cache: Cache,
        }
    });
    compare("cart.rs", &code);
}

#[test]
fn a_handler_becomes_the_code_of_the_snapshot() {
    let code = autoloaded(&quote! {
        pub async fn count<T: Limit>(
            visits: &mut Session<Visits>,
            _: Option<&mut Session<Cart>>,
            Path(page): Path<u32>,
            login: &Session<Login>,
        ) -> Result<impl IntoResponse, Error> {
            #![allow(unused)]
            visits.set_page(page)
        }
    });
    compare("count.rs", &code);
}

/// `UPDATE_SNAPSHOTS=1` writes the snapshots anew.
fn compare(name: &str, code: &TokenStream) {
    let path = format!("{}/src/snapshots/{name}", env!("CARGO_MANIFEST_DIR"));
    let code = prettyplease::unparse(&syn::parse2(code.clone()).expect("the code parses"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &code).expect("the snapshot can be written");
    }
    let snapshot = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(code, snapshot, "not as in {name}");
}

/// Asserts that `code` says these messages and no other, and that what follows them is whole.
#[track_caller]
fn assert_says(code: &TokenStream, expected: &[&str]) {
    let mut found = Vec::new();
    messages(code.clone(), &mut found);
    assert_eq!(found, expected);
    syn::parse2::<syn::File>(code.clone()).expect("the code parses");
}

/// The texts of every `compile_error!`.
fn messages(code: TokenStream, found: &mut Vec<String>) {
    let mut is_error = false;
    for tree in code {
        match tree {
            TokenTree::Group(group) if is_error => {
                found.push(syn::parse2::<LitStr>(group.stream()).expect("a message").value());
                is_error = false;
            }
            TokenTree::Group(group) => messages(group.stream(), found),
            TokenTree::Ident(ident) => is_error = ident == "compile_error",
            _ => {}
        }
    }
}
