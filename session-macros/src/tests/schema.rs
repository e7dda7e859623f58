//! What is said of a schema.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{assert_says, messages};
use crate::ast::Case;
use crate::check::RESERVED;
use crate::derive_session;

#[test]
fn what_is_right_says_nothing() {
    assert_says(
        &derive_session(quote!(
            struct Visits;
        )),
        &[],
    );
    assert_says(
        &derive_session(quote!(
            #[session()]
            struct Visits {}
        )),
        &[],
    );
    assert_says(
        &derive_session(quote!(
            struct Visits {
                a: u32,
                #[session(copy)]
                b: Option<A>,
                #[session(principal, copy, rename = "u", accessor = "user", serializer = Json, on_mismatch = "reject")]
                c: std::option::Option<UserId>,
            }
        )),
        &[],
    );
}

#[track_caller]
fn assert_field_says(field: &TokenStream, expected: &str) {
    assert_says(&derive_session(quote!(struct Visits { #field })), &[expected]);
}

#[track_caller]
fn assert_struct_says(attributes: &TokenStream, expected: &str) {
    assert_says(&derive_session(quote!(#attributes struct Visits { hits: u32 })), &[expected]);
}

#[test]
fn as_many_mistakes_as_messages() {
    let code = derive_session(quote! {
        #[session(namespace = "", colour = "red", rename_all = "camel", name)]
        struct Visits<T> {
            #[session(rename = 3, copy = true, unknown(a, b), default = Map::<A, B>::new())]
            hits: T,
            #[session(default = 3, rename = "@page", rename = "again")]
            page: Option<u32>,
            id: &'static str,
        }
    });
    let expected = [
        "`namespace` is empty, write `namespace = \"…\"` or remove it",
        "unknown attribute `colour`, expected `serializer`, `namespace`, `name`, `rename_all` or `crate`",
        "`name` needs a value, write `name = \"…\"`",
        "unknown case, expected one of `lowercase`",
        "expected a string, write `rename = \"…\"`",
        "`copy` takes no value, write `copy` alone",
        "unknown attribute `unknown`, expected `serializer`",
        "`rename` is given twice, remove one",
        "an `Option` that holds nothing is `None`: remove `default`",
        "names that begin with `@` are the session's own, write another",
        "a field owns its value, which is read from the store: write `String`",
        "the accessor `id` would hide the session's own `id`",
        "a session schema takes no parameters",
    ];
    let mut found = Vec::new();
    messages(code, &mut found);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found:?} does not begin with {expected:?}");
    }
}

#[test]
fn an_item_that_is_no_schema_says_so() {
    let shape = "a session schema is a struct with named fields";
    let named = format!("{shape}: each is stored under its name");
    let typed = format!("{shape}; an enum can be the type of a field");
    assert_says(
        &derive_session(quote!(
            struct Visits(u32);
        )),
        &[&named],
    );
    assert_says(
        &derive_session(quote!(
            enum Visits {
                A,
            }
        )),
        &[&typed],
    );
    assert_says(&derive_session(quote!(union Visits { a: u32 })), &[shape]);
}

#[test]
fn words_say_where_they_belong() {
    assert_struct_says(&quote!(#[session(skip)]), "`skip` goes on a field of the schema");
    assert_struct_says(
        &quote!(#[session(autoload)]),
        "`autoload` goes on a handler: write `#[session(autoload)]` above an `async fn`",
    );
    assert_field_says(
        &quote!(#[session(namespace = "a")] hits: u32),
        "`namespace` goes on the schema itself, above its `struct`",
    );
    assert_field_says(
        &quote!(#[session(name = "a")] hits: u32),
        "`name` goes on the schema itself, above its `struct`; did you mean `rename`?",
    );
    assert_field_says(
        &quote!(#[session(defualt = 3)] hits: u32),
        "unknown attribute `defualt`, did you mean `default`?",
    );
}

#[test]
fn helpers_have_one_form() {
    assert_struct_says(&quote!(#[session]), "`#[session]` alone says nothing, write `#[session(…)]` or remove it");
    assert_struct_says(&quote!(#[session = "a"]), "expected parentheses, write `#[session(…)]`");
    assert_struct_says(
        &quote!(#[session(serializer = "Json")]),
        "expected a path without quotes, write `serializer = Json`",
    );
    assert_field_says(&quote!(#[session(copy rename = "a")] hits: u32), "expected `,`");
    assert_field_says(
        &quote!(#[session(default)] hits: u32),
        "`default` needs a value, write `default = …`, or nothing for `Default::default()`",
    );
    assert_field_says(&quote!(#[session(on_mismatch = "no")] hits: u32), "expected `default` or `reject`, not `no`");
    assert_field_says(
        &quote!(#[session(skip, copy)] hits: u32),
        "a field that is not stored has no use for `copy`, remove one of them",
    );
}

#[test]
fn one_field_is_the_principal() {
    let second = "`type` is the principal already, a session has one: remove one of them";
    assert_field_says(&quote!(#[session(principal)] r#type: Option<u32>, #[session(principal)] b: u32), second);
    assert_says(
        &derive_session(quote!(
            struct Visits {
                #[session(principal)]
                a: Option<u32>,
                #[session(principal)]
                b: Option<u32>,
                #[session(principal, sealed)]
                c: Option<u32>,
            }
        )),
        &["`a` is the principal already, a session has one: remove one of them"; 2],
    );
    assert_field_says(
        &quote!(#[session(principal, skip)] a: Option<u32>, #[session(principal)] b: Option<u32>),
        "a field that is not stored has no use for `principal`, remove one of them",
    );
}

#[test]
fn a_principal_is_an_option() {
    let reason = "a principal is `None` while nobody is signed in: write";
    let alias = "an alias of an `Option` has to be written out";
    let cases = [
        (quote!(u64), "`Option<u64>`".to_owned()),
        (quote!((u8, u8)), "`Option<…>`".to_owned()),
        (quote!(UserId), format!("`Option<UserId>`; {alias}")),
        (quote!(crate::r#type::Id), format!("`Option<crate::r#type::Id>`; {alias}")),
        (quote!(Id<User>), format!("`Option<…>`; {alias}")),
        (quote!(<User as Row>::Id), format!("`Option<…>`; {alias}")),
    ];
    for (ty, instead) in cases {
        assert_field_says(&quote!(#[session(principal)] a: #ty), &format!("{reason} {instead}"));
    }
}

#[test]
fn a_principal_is_told_of_every_word_that_it_cannot_have() {
    assert_says(
        &derive_session(quote!(
            struct Visits {
                #[session(ttl = "10m", sealed, principal, merge = sum)]
                a: Option<u32>,
            }
        )),
        &[
            "two answers to whose session it is cannot be merged: remove `merge` or `principal`",
            "a session does not stop being somebody's by itself: remove `ttl` or `principal`",
            "a principal stands in the store's index, in the clear: remove `sealed` or `principal`",
        ],
    );
    assert_field_says(
        &quote!(#[session(principal = "user")] a: Option<u32>),
        "`principal` takes no value, write `principal` alone",
    );
    assert_struct_says(&quote!(#[session(principal)]), "`principal` goes on a field of the schema");
}

#[test]
fn a_clash_is_told_at_the_later_field() {
    let write = "write `#[session(accessor = \"…\")]`";
    let clashes = [
        (quote!(a: u32, a_mut: u32), "a_mut", "a"),
        (quote!(set_a: u32, a: u32), "set_a", "set_a"),
        (quote!(a: Option<u32>, take_a: u32), "take_a", "a"),
        (quote!(clear_a: u32, a: Option<u32>), "clear_a", "clear_a"),
        (quote!(r#type: u32, #[session(rename = "t")] type_mut: u32), "type_mut", "type"),
    ];
    for (fields, name, earlier) in clashes {
        let message = format!("the accessor `{name}` is generated for field `{earlier}` too, {write}");
        assert_field_says(&fields, &message);
    }
    assert_says(
        &derive_session(quote!(
            struct Visits {
                take_a: u32,
                a: u32,
            }
        )),
        &[],
    );
}

#[test]
fn a_clash_is_told_once_for_a_field() {
    let message = "the accessor `n` is generated for field `a` too, write another";
    assert_field_says(&quote!(#[session(accessor = "n")] a: u32, #[session(accessor = "n")] b: u32), message);
}

#[test]
fn no_accessor_has_a_name_of_the_session() {
    for name in RESERVED.into_iter().flatten() {
        let ident = format_ident!("{name}");
        let message = format!("the accessor `{name}` would hide the session's own `{name}`");
        let cure = "write `#[session(accessor = \"…\")]`";
        assert_field_says(&quote!(#ident: u32), &format!("{message}, {cure}"));
        assert_field_says(&quote!(#[session(accessor = #name)] a: u32), &format!("{message}, write another"));
    }
    let of_a_prefix = "the accessor `set_lifetime` would hide the session's own `set_lifetime`, write another";
    assert_field_says(&quote!(#[session(accessor = "lifetime")] a: u32), of_a_prefix);
}

#[test]
fn names_are_identifiers() {
    for wrong in ["a b", "1", "_", "self", "a-b", "r#", "a /* b */"] {
        let message = "expected the name of a method, such as `visits`";
        assert_field_says(&quote!(#[session(accessor = #wrong)] hits: u32), message);
        let message = "expected the name of a struct, such as `VisitsSession`";
        assert_struct_says(&quote!(#[session(name = #wrong)]), message);
    }
    let own = "the schema itself has this name, write another for the session generated beside it";
    assert_struct_says(&quote!(#[session(name = "Visits")]), own);
    for raw in ["type", "r#type"] {
        let code = derive_session(quote!(
            struct Visits {
                #[session(accessor = #raw)]
                hits: u32,
            }
        ));
        assert!(code.to_string().contains("fn r#type"), "{code}");
        assert_says(&code, &[]);
    }
}

#[test]
fn stored_names_are_told_apart() {
    let twice = "field `a` is stored under `b` too, write `#[session(rename = \"…\")]`";
    assert_field_says(&quote!(#[session(rename = "b")] a: u32, b: u32), twice);
    let twice = "field `a` is stored under `a` too, write another";
    assert_field_says(&quote!(a: u32, #[session(rename = "a")] b: u32), twice);
    assert_says(
        &derive_session(quote! {
            #[session(rename_all = "camelCase", namespace = "web")]
            struct Visits { a_b: u32, a__b: u32 }
        }),
        &["field `a_b` is stored under `web.aB` too, write `#[session(rename = \"…\")]`"],
    );
}

#[test]
fn stored_names_are_bounded() {
    let own = "names that begin with `@` are the session's own, write another";
    assert_field_says(&quote!(#[session(rename = "@a")] a: u32), own);
    assert_struct_says(&quote!(#[session(namespace = "@a")]), own);
    assert_says(
        &derive_session(quote!(
            #[session(namespace = "n")]
            struct A {
                #[session(rename = "@a")]
                a: u32,
            }
        )),
        &[],
    );

    let (longest, long) = ("x".repeat(255), "x".repeat(256));
    let message = "a stored name has at most 255 bytes, this has 256, write a shorter one";
    assert_field_says(&quote!(#[session(rename = #long)] a: u32), message);
    assert_says(
        &derive_session(quote!(
            struct A {
                #[session(rename = #longest)]
                a: u32,
            }
        )),
        &[],
    );
    let message = "a stored name has at most 255 bytes, write a shorter namespace";
    assert_struct_says(&quote!(#[session(namespace = #longest)]), message);
}

#[test]
fn a_borrow_is_no_field() {
    let reason = "a field owns its value, which is read from the store";
    let cases = [
        (quote!(&'static str), "`String`"),
        (quote!(Option<&str>), "`String`"),
        (quote!(&[u8]), "a `Vec`"),
        (quote!(&u32), "the type without `&`"),
    ];
    for (ty, cure) in cases {
        assert_field_says(&quote!(a: #ty), &format!("{reason}: write {cure}"));
    }
}

#[test]
fn a_field_that_rustc_reports_is_left_to_it() {
    assert_says(
        &derive_session(quote!(
            struct Visits {
                hits: u32,
                hits: u32,
            }
        )),
        &[],
    );
}

#[test]
fn every_case_is_serdes() {
    let cases = Case::ALL.map(|(name, case)| (name, case.apply("last_hit"), case.apply("n")));
    let expected = [
        ("lowercase", "last_hit", "n"),
        ("UPPERCASE", "LAST_HIT", "N"),
        ("PascalCase", "LastHit", "N"),
        ("camelCase", "lastHit", "n"),
        ("snake_case", "last_hit", "n"),
        ("SCREAMING_SNAKE_CASE", "LAST_HIT", "N"),
        ("kebab-case", "last-hit", "n"),
        ("SCREAMING-KEBAB-CASE", "LAST-HIT", "N"),
    ];
    assert_eq!(cases, expected.map(|(name, two, one)| (name, two.to_owned(), one.to_owned())));
}

#[test]
fn every_public_method_of_the_runtimes_session_is_reserved() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../session-runtime/src/core.rs");
    let source = std::fs::read_to_string(file).expect("the runtime beside this crate");
    let items = syn::parse_file(&source).expect("Rust").items;
    let methods: Vec<_> = items.iter().flat_map(public_methods).collect();
    assert!(methods.contains(&"regenerate_id".to_owned()), "found only {methods:?}");
    for method in methods {
        assert!(RESERVED.into_iter().flatten().any(|name| *name == method), "`{method}` is not reserved");
    }
}

/// The public methods with a receiver in an `impl SessionCore`.
fn public_methods(item: &syn::Item) -> Vec<String> {
    let syn::Item::Impl(block) = item else { return Vec::new() };
    let of_core =
        block.trait_.is_none() && matches!(&*block.self_ty, syn::Type::Path(ty) if ty.path.is_ident("SessionCore"));
    let methods = block.items.iter().filter_map(|item| match item {
        syn::ImplItem::Fn(method) if of_core && matches!(method.vis, syn::Visibility::Public(_)) => Some(&method.sig),
        _ => None,
    });
    methods.filter(|sig| sig.receiver().is_some()).map(|sig| sig.ident.to_string()).collect()
}
