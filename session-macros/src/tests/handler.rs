//! What is said of a handler.

use proc_macro2::TokenStream;
use quote::quote;

use super::{assert_says, autoloaded};
use crate::autoload;

#[track_caller]
fn assert_handler_says(item: &TokenStream, expected: &[&str]) {
    assert_says(&autoloaded(item), expected);
}

#[track_caller]
fn assert_words_say(words: TokenStream, expected: &[&str]) {
    let item = quote!(
        async fn count(visits: &mut Session<Visits>) {}
    );
    let code = autoload::handler(words, &item);
    assert_says(&code, expected);
    assert!(code.to_string().contains("lend_mut"), "as if it were right: {code}");
}

#[test]
fn what_is_right_says_nothing() {
    assert_handler_says(
        &quote!(
            async fn read(_: &Session<Visits>) {}
        ),
        &[],
    );
    assert_handler_says(
        &quote!(
            async fn read(a: &Session<Visits>, b: &Session<Visits>) {}
        ),
        &[],
    );
    assert_handler_says(
        &quote!(
            async fn read(a: &mut Session<Visits>, b: &mut Session<Cart>) {}
        ),
        &[],
    );
    assert_handler_says(
        &quote!(
            async fn read(a: &Session<Visits>) -> &'static str {
                ""
            }
        ),
        &[],
    );
    assert_handler_says(
        &quote!(
            async fn read(a: &Session<Visits>) -> Box<dyn Fn(&str) -> &str> {
                f()
            }
        ),
        &[],
    );
    assert_words_say(quote!(autoload, crate = web::session), &[]);
}

#[test]
fn the_word_is_autoload() {
    assert_words_say(quote!(), &["expected `#[session(autoload)]`"]);
    assert_words_say(quote!(crate = web::session), &["expected `#[session(autoload)]`"]);
    assert_words_say(quote!(autolod), &["unknown attribute `autolod`, did you mean `autoload`?"]);
    assert_words_say(quote!(autoload = 3), &["`autoload` takes no value, write `autoload` alone"]);
    assert_words_say(quote!(autoload, autoload), &["`autoload` is given twice, remove one"]);
    assert_words_say(quote!(autoload, copy), &["`copy` goes on a field of the schema"]);
    assert_words_say(quote!(autoload, lazy), &["unknown attribute `lazy`, expected `autoload` or `crate`"]);
}

#[test]
fn a_handler_is_an_async_function() {
    let helper = "this is the attribute macro, which goes on a handler: \
                  write the helper `#[session(…)]` below `#[derive(Session)]`";
    assert_handler_says(
        &quote!(
            #[derive(Clone)]
            pub struct Visits {
                hits: u32,
            }
        ),
        &[helper],
    );
    assert_handler_says(
        &quote!(
            enum Visits {}
        ),
        &[helper],
    );
    let elsewhere = "`#[session(autoload)]` goes on an `async fn` with a body";
    assert_handler_says(&quote!(impl Visits {}), &[elsewhere]);
    let asynchronous = "a handler that loads sessions is asynchronous, write `async fn`";
    assert_handler_says(
        &quote!(
            fn count(visits: &mut Session<Visits>) {}
        ),
        &[asynchronous],
    );
}

#[test]
fn a_handler_lends_sessions() {
    let expected = "no parameter to load, expected `&Session<T>`, `Option<&Session<T>>`, \
                    `&mut Session<T>` or `Option<&mut Session<T>>`";
    assert_handler_says(
        &quote!(
            async fn count() {}
        ),
        &[expected],
    );
    assert_handler_says(
        &quote!(
            async fn count(body: Option<String>) {}
        ),
        &[expected],
    );
    let owned = "an owned session is loaded without help: write `&mut` before it, or remove `#[session(autoload)]`";
    assert_handler_says(
        &quote!(
            async fn count(visits: session_runtime::Session<Visits>) {}
        ),
        &[owned],
    );
    let lifetime = "a session is lent while the handler runs, remove `'a`";
    assert_handler_says(
        &quote!(
            async fn count<'a>(visits: &'a Session<Visits>) {}
        ),
        &[lifetime],
    );
    let condition = "a parameter of a handler that loads sessions cannot depend on `cfg`, the handler can";
    assert_handler_says(
        &quote!(
            async fn count(#[cfg(unix)] visits: &Session<Visits>) {}
        ),
        &[condition],
    );
}

#[test]
fn a_handler_lends_nothing_else() {
    let message = "only a session is lent, take what else a handler needs by value";
    for other in [quote!(&str), quote!(&mut [u8]), quote!(Option<&dyn Any>), quote!(&(A, B))] {
        assert_handler_says(&quote!(async fn count(other: #other) {}), &[message]);
        assert_handler_says(&quote!(async fn count(a: &mut Session<A>, other: #other) {}), &[message]);
    }
}

#[test]
fn one_session_is_not_lent_twice_if_it_changes() {
    let message =
        "this session is lent already, and two views of one session do not see each other's changes: remove one";
    for second in [quote!(&mut Session<A>), quote!(&Session<A>), quote!(Option<&mut Session<A>>)] {
        assert_handler_says(&quote!(async fn count(a: &mut Session<A>, b: #second) {}), &[message]);
        assert_handler_says(&quote!(async fn count(a: #second, b: &mut Session<A>) {}), &[message]);
    }
}

#[test]
fn a_response_borrows_nothing() {
    let message = "a response outlives the session that it was made from, return an owned value";
    let outputs = [
        quote!(&str),
        quote!(&'_ str),
        quote!(Html<&str>),
        quote!(Cow<'_, str>),
        quote!(Result<(StatusCode, &str), Error>),
        quote!(impl IntoResponse + '_),
        quote!(impl Stream<Item = &str>),
        quote!(Box<dyn Body + '_>),
    ];
    for output in outputs {
        assert_handler_says(&quote!(async fn page(visits: &Session<Visits>) -> #output {}), &[message]);
    }
}
