//! Nothing that stands around a schema or a handler changes what their expansion means.
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![no_implicit_prelude]
#![allow(dead_code, unused_macros, non_camel_case_types)]

mod core {}
mod std {}
mod alloc {}
mod serde {}
mod session_runtime {}
mod __p {}
mod __private {}

struct Option;
struct Result;
struct Some;
struct None;
struct Ok;
struct Vec;
struct String;
struct Field;
struct Spec;
struct Session;
struct SessionCore;
struct Json;
trait Default {}
trait Clone {}
trait Copy {}
trait Into {}
trait Drop {}
trait Debug {}
trait Deref {}
trait Send {}
trait Sync {}
trait FnMut {}
trait Schema {}
trait TypedSession {}
type u32 = u64;

macro_rules! extractors {
    () => {};
}
macro_rules! compile_error {
    () => {};
}

#[::std::prelude::v1::derive(::session_runtime::Session)]
struct Visits {
    hits: u32,
    first: ::std::option::Option<::std::string::String>,
    #[session(principal)]
    last: ::core::option::Option<u8>,
    #[session(default = 3, merge = sum)]
    limit: u8,
    #[session(merge = self::max)]
    best: u8,
    #[session(skip)]
    nothing: (),
}

const fn max(_: &u8, theirs: u8, _: u8) -> u8 {
    theirs
}

/// Names that a merge has in the runtime.
mod merge {}
fn sum() {}

#[::std::prelude::v1::derive(::session_runtime::Session)]
struct Nothing;

#[::session_runtime::session(autoload)]
async fn count(
    visits: &mut ::session_runtime::Session<Visits>,
    nothing: ::std::option::Option<&mut ::session_runtime::Session<Nothing>>,
) -> &'static str {
    visits.set_hits(visits.hits() + 1);
    visits.set_first("a");
    visits.set_last(1);
    visits.set_limit(visits.limit());
    nothing.map_or("none", |_| "some")
}

fn main() {
    let _: ::axum::Router = ::axum::Router::new().route("/", ::axum::routing::get(count));
}
