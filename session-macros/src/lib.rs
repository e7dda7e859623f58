//! The macros of `session-runtime`, which re-exports both: `#[derive(Session)]` and `#[session(autoload)]`.

mod errors;

mod attr;

mod ast;

mod types;

mod check;

mod expand;

mod autoload;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Makes a struct the schema of a typed session.
///
/// Beside `Visits` it generates `VisitsSession`, which is what `Session<Visits>` names: the methods of `SessionCore`, and
/// accessors for each field, with the visibility of the field.
///
/// ```text
/// use session_runtime::Session;
///
/// #[derive(Session)]
/// #[session(namespace = "web")]
/// struct Visits {
///     /// How often the visitor was here.
///     hits: u32,
///     user: Option<UserId>,
///     #[session(default = Theme::Light, copy)]
///     theme: Theme,
/// }
/// ```
///
/// | field type | accessors of a field `x` |
/// | --- | --- |
/// | any `T` | `x() -> &T`, `x_mut() -> &mut T`, `set_x(impl Into<T>)` |
/// | a primitive, or with `copy` | `x() -> T`, `x_mut() -> &mut T`, `set_x(T)` |
/// | `Option<T>` | `x() -> Option<&T>`, `x_mut() -> &mut Option<T>`, `set_x(impl Into<T>)`, `take_x() -> Option<T>`, `clear_x()` |
///
/// `set_x` converts, `*x_mut() = …` infers. `x_mut` counts as a change only if the value's bytes change.
///
/// A field implements serde's `Serialize` and `Deserialize`, is `Send`, `Sync` and owns what it holds; and it implements
/// `Default`, unless it is an `Option` or has a `default`. An `Option` is stored as the type inside it, and `None` as nothing
/// at all. (Only what is written `Option<…>` is one: an alias of it is a type like any other.)
///
/// # Attributes
///
/// Helpers stand below the derive. On the struct:
///
/// | `#[session(…)]` | |
/// | --- | --- |
/// | `serializer = Path` | the format of every field, `Json` unless said otherwise |
/// | `namespace = "…"` | stores `x` as `namespace.x`, so that several schemas share a session |
/// | `name = "…"` | the generated struct's name |
/// | `rename_all = "…"` | the case of the stored names, as in serde: `camelCase`, `kebab-case`, … |
/// | `crate = path` | where `session_runtime` is, if it is re-exported |
///
/// On a field:
///
/// | `#[session(…)]` | |
/// | --- | --- |
/// | `default = expr` | what it holds until it is set; a function of nothing, so a value that must stick has to be set |
/// | `copy` | it is read and set by value; its type is `Copy` |
/// | `principal` | whose session it is: an `Option` of a type with `Display`, in one field of a schema; whenever it is set or changes, the session gets a new id; `SessionRegistry` finds sessions by its text, of 1 to 1,024 bytes |
/// | `serializer = Path` | the format of this field |
/// | `rename = "…"` | the stored name |
/// | `accessor = "…"` | the name of the accessors, where the field's own is taken |
/// | `merge = sum`, `max`, `min`, `union` or a path | what two requests at once make of it; a path is to a `fn(base: &T, theirs: T, ours: T) -> T` |
/// | `on_mismatch = "reject"` | a stored value of another type fails the load; `"default"` reads it as the default |
/// | `ttl = "10m"` | a value is absent so long after it was set or changed, unless it was read before in this request; the session lives on; units are `d`, `h`, `m`, `s`, `ms` |
/// | `sealed` | encrypted where it is stored, with the keys of `SessionLayer::keys` |
/// | `skip` | it is not stored and has no accessor; a snapshot holds its `Default` |
#[proc_macro_derive(Session, attributes(session))]
pub fn derive(input: TokenStream) -> TokenStream {
    derive_session(input.into()).into()
}

/// Loads the sessions that a handler borrows, and hands them to it.
///
/// ```text
/// use session_runtime::{Session, session};
///
/// #[session(autoload)]
/// async fn count(visits: &mut Session<Visits>) -> String {
///     *visits.hits_mut() += 1;
///     format!("seen {} times", visits.hits())
/// }
/// ```
///
/// Every parameter that is a `&Session<T>`, `&mut Session<T>`, `Option<&Session<T>>` or `Option<&mut Session<T>>` is loaded
/// (an optional one only if there is a session) and lent while the handler runs; the others are axum's extractors. What was
/// changed is kept if the handler ran to its end: one that is dropped half-way, by a timeout say, changes nothing.
///
/// It stands *above* `#[axum::debug_handler]`. The body is a function of its own, so it cannot say `Self`. `crate = path`,
/// after `autoload`, tells where `session_runtime` is.
#[proc_macro_attribute]
pub fn session(arguments: TokenStream, item: TokenStream) -> TokenStream {
    autoload::handler(arguments.into(), &item.into()).into()
}

/// Read, judged, modelled, written.
fn derive_session(input: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = errors::Errors::new();
    let item = check::item(&input, &mut errors);
    expand::item(&item, &errors.finish())
}
