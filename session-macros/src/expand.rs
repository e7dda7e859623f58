//! Writes the generated code: facts about the schema, whose logic is in the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Ident, Index, Path, parse_quote};

use crate::ast::{Accessor, Content, Field, Item, Key, Merge, Schema, Stored, Verb};

/// The mistakes, and the code as if there were none.
pub(crate) fn item(item: &Item, errors: &[TokenStream]) -> TokenStream {
    let code = match item {
        Item::Schema(schema) => self::schema(schema),
        Item::Other { ident, generics, runtime } => return other(ident, generics, runtime, errors),
    };
    quote!(#(#errors)* #code)
}

/// A schema whose session's type holds an error: rustc is silent on whatever is done with it.
fn other(ident: &Ident, generics: &Generics, runtime: &Path, errors: &[TokenStream]) -> TokenStream {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Type(parameter) => parameter.bounds.push(parse_quote!('static)),
            GenericParam::Lifetime(parameter) => parameter.bounds.push(parse_quote!('static)),
            GenericParam::Const(_) => {}
        }
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let unknown = errors.last();
    let errors = errors.iter().rev().skip(1).rev();
    let body = never();
    quote_spanned! {site()=>
        #(#errors)*
        const _: () = {
            use #runtime::__private as __p;
            impl #impl_generics __p::Schema for #ident #ty_generics #where_clause {
                type Session = [(); #unknown];
                fn open(_: __p::SessionCore) -> Self::Session { #body }
            }
        };
    }
}

/// The session struct beside the schema, and one block with everything about it:
///
/// ```text
/// struct VisitsSession(SessionCore, Field<u32>, …);
/// const _: () = {
///     use ::session_runtime::__private as __p;
///     impl VisitsSession { … }
///     impl __p::Schema for Visits { … }
///     …
/// };
/// ```
fn schema(schema: &Schema) -> TokenStream {
    let Schema { ident, vis, session, runtime, allows, .. } = schema;
    let types = stored(schema).map(|(_, field)| &field.ty);
    let doc = format!(" The typed session of [`{ident}`].");
    let accessors = stored(schema).map(|(index, field)| accessors(&index, field));
    let lifecycle = lifecycle(schema);
    let schema_impl = schema_impl(schema);
    let typed_session_impl = typed_session_impl(schema);
    let trait_impls = trait_impls(schema);
    let session_struct = quote_spanned! {at(session.span())=>
        struct #session(#runtime::__private::SessionCore, #(#runtime::__private::Field<#types>,)*);
    };
    quote_spanned! {site()=>
        #(#allows)*
        #[doc = #doc]
        #vis #session_struct

        #(#allows)*
        const _: () = {
            use #runtime::__private as __p;
            impl #session {
                #(#accessors)*
                #lifecycle
            }
            #schema_impl
            #typed_session_impl
            #trait_impls
            __p::extractors!(#session);
        };
    }
}

/// The stored fields, with their places in the session struct.
fn stored(schema: &Schema) -> impl Iterator<Item = (Index, &Stored)> {
    let fields = schema.fields.iter().filter_map(|field| match field {
        Field::Stored(field) => Some(&**field),
        Field::Skipped { .. } => None,
    });
    fields.enumerate().map(|(place, field)| (Index::from(place + 1), field))
}

fn accessors(index: &Index, field: &Stored) -> TokenStream {
    let methods = field.accessors.iter().map(|accessor| {
        let docs = accessor_docs(accessor.verb, field);
        let marks = &field.marks;
        let method = match accessor.verb {
            Verb::Get => get(index, field, accessor),
            Verb::Set => set(index, field, accessor),
            Verb::Lend | Verb::Take | Verb::Clear => change(index, field, accessor),
        };
        quote!(#docs #(#marks)* #method)
    });
    methods.collect()
}

fn accessor_docs(verb: Verb, field: &Stored) -> TokenStream {
    let Stored { ident, docs, .. } = field;
    let name = ident.unraw();
    let sentence = match verb {
        Verb::Get if !docs.is_empty() => return quote!(#(#docs)*),
        Verb::Get => format!(" Reads `{name}`."),
        Verb::Lend => format!(" Lends `{name}` to change it in place."),
        Verb::Set if matches!(field.content, Content::Optional { .. }) => {
            format!(" Sets `{name}`; `clear_…` makes it `None`, and `*…_mut() = …` takes an `Option`.")
        }
        Verb::Set => format!(" Sets `{name}`."),
        Verb::Take => format!(" Takes `{name}` out and leaves `None`."),
        Verb::Clear => format!(" Sets `{name}` to `None`."),
    };
    quote!(#[doc = #sentence])
}

/// `fn hits(&self) -> u32 { __p::copied(self.1.get(&self.0)) }`
fn get(index: &Index, field: &Stored, Accessor { name, .. }: &Accessor) -> TokenStream {
    let Stored { vis, ty, .. } = field;
    let site = at(name.span());
    let (output, body) = match (&field.content, field.by_value) {
        (_, Some(promise)) => {
            // If the type is not `Copy`, rustc says so where it was promised.
            let body = quote_spanned!(at(promise)=> __p::copied(self.#index.get(&self.0)));
            (quote!(#ty), body)
        }
        (Content::Required { .. }, None) => (quote!(&#ty), quote_spanned!(site=> self.#index.get(&self.0))),
        (Content::Optional { inner }, None) => {
            let body = quote_spanned!(site=> self.#index.get(&self.0).as_ref());
            (quote!(__p::Option<&#inner>), body)
        }
    };
    quote_spanned!(site=> #[must_use] #vis fn #name(&self) -> #output { #body })
}

/// `fn set_page(&mut self, value: impl __p::Into<String>) { self.2.set(__p::Into::into(value)); }`
fn set(index: &Index, field: &Stored, Accessor { name, .. }: &Accessor) -> TokenStream {
    let site = at(name.span());
    let vis = &field.vis;
    let ty = match &field.content {
        Content::Required { .. } => &field.ty,
        Content::Optional { inner } => inner,
    };
    let (input, value) = match field.by_value {
        Some(_) => (quote!(#ty), quote_spanned!(site=> value)),
        None => (quote!(impl __p::Into<#ty>), quote_spanned!(site=> __p::Into::into(value))),
    };
    let value = match &field.content {
        Content::Required { .. } => value,
        Content::Optional { .. } => quote_spanned!(site=> __p::Option::Some(#value)),
    };
    quote_spanned!(site=> #vis fn #name(&mut self, value: #input) { self.#index.set(#value); })
}

/// `fn hits_mut(&mut self) -> &mut u32 { self.1.get_mut(&self.0) }`, and what only an `Option` has.
fn change(index: &Index, field: &Stored, Accessor { verb, name }: &Accessor) -> TokenStream {
    let Stored { vis, ty, .. } = field;
    let site = at(name.span());
    match verb {
        Verb::Take => quote_spanned! {site=>
            #vis fn #name(&mut self) -> #ty { self.#index.take(&self.0) }
        },
        Verb::Clear => quote_spanned! {site=>
            #vis fn #name(&mut self) { self.#index.set(__p::Option::None); }
        },
        _ => quote_spanned! {site=>
            #[must_use] #vis fn #name(&mut self) -> &mut #ty { self.#index.get_mut(&self.0) }
        },
    }
}

/// The methods that every session has, and that touch its fields.
fn lifecycle(schema: &Schema) -> TokenStream {
    let Schema { ident, vis, .. } = schema;
    let snapshot = snapshot(schema);
    let replaced: Vec<_> = stored(schema).map(|(index, field)| replace(&index, field)).collect();
    let value = unless(replaced.is_empty(), "value");
    quote_spanned! {site()=>
        /// Whether this request changed a field.
        #[must_use]
        #vis fn is_modified(&self) -> __p::bool { __p::TypedSession::is_modified(self) }
        /// The stored names of the fields that this request changed.
        #[must_use]
        #vis fn changed_fields(&self) -> __p::Vec<&'static __p::str> { __p::TypedSession::changed_fields(self) }
        /// Forgets what this session changed and has not saved.
        #vis fn discard(&mut self) { __p::TypedSession::discard(self); }
        /// Sets every field of this schema back to its default; the session ends if no other schema has one left.
        #vis fn clear(&mut self) { __p::TypedSession::clear(self); }
        /// Ends the session, whatever else it holds: a sign-out. What is set afterwards begins a new one.
        #vis fn destroy(&mut self) { __p::TypedSession::destroy(self); }
        /// Writes the changes now, not at the end of the request.
        ///
        /// # Errors
        /// If a value cannot be serialized, the store fails, others keep committing, or the response's head has left and a
        /// cookie would be needed.
        #vis async fn save(&mut self) -> __p::Result<()> { __p::TypedSession::save(self).await }
        /// Loads the session again, and forgets the changes of this request.
        ///
        /// # Errors
        /// If the store fails.
        #vis async fn reload(&mut self) -> __p::Result<()> { __p::TypedSession::reload(self).await }
        /// The values of all fields.
        #[must_use]
        #vis fn snapshot(&self) -> #ident { #snapshot }
        /// Sets every field.
        #vis fn replace(&mut self, #value: #ident) { #(#replaced)* }
    }
}

/// `self.1.set(value.hits);`
///
/// The principal is lent: where a session is replaced by a snapshot of itself, nobody signs in.
fn replace(index: &Index, Stored { ident, key, .. }: &Stored) -> TokenStream {
    if key.as_ref().is_some_and(|key| key.principal) {
        quote_spanned!(site()=> *self.#index.get_mut(&self.0) = value.#ident;)
    } else {
        quote_spanned!(site()=> self.#index.set(value.#ident);)
    }
}

fn schema_impl(schema: &Schema) -> TokenStream {
    let Schema { ident, session, .. } = schema;
    let fields = stored(schema).map(|(_, field)| open(field));
    quote_spanned! {site()=>
        impl __p::Schema for #ident {
            type Session = #session;
            fn open(core: __p::SessionCore) -> #session {
                #session(core, #(#fields,)*)
            }
        }
    }
}

/// `__p::Field::new(const { &__p::Spec::<u32>::required::<__p::Json>("hits", __p::default::<u32>) })`
fn open(field: &Stored) -> TokenStream {
    let Stored { ty, key, content, .. } = field;
    let Some(Key { name, serializer, principal, merge, reject, ttl, sealed }) = key else {
        return never();
    };
    let serializer = serializer.as_ref().map_or_else(|| quote!(__p::Json), |path| quote!(#path));
    let merge = merge.as_ref().map(|merge| match merge {
        Merge::Named(name) => quote_spanned!(at(name.span())=> .merge(__p::merge::#name)),
        Merge::Own(path) => quote_spanned!(site()=> .merge(#path)),
    });
    let reject = reject.then(|| quote_spanned!(site()=> .reject()));
    let ttl = ttl.map(|millis| quote_spanned!(site()=> .ttl(#millis)));
    let sealed = sealed.then(|| quote_spanned!(site()=> .sealed()));
    // What a field's type must implement is demanded at that type.
    let spec = match content {
        Content::Required { default } => {
            let demanded = at(ty.span());
            let of_type = quote_spanned!(demanded=> __p::default::<#ty>);
            let default = default.as_ref().map_or(of_type, |expr| quote_spanned!(site()=> || #expr));
            quote_spanned!(demanded=> __p::Spec::<#ty>::required::<#serializer>(#name, #default))
        }
        Content::Optional { inner } => {
            let demanded = at(inner.span());
            let principal = principal.then(|| quote_spanned!(demanded=> .principal()));
            quote_spanned!(demanded=> __p::Spec::<#inner>::optional::<#serializer>(#name) #principal)
        }
    };
    quote_spanned!(site()=> __p::Field::new(const { &#spec #merge #reject #ttl #sealed }))
}

fn typed_session_impl(schema: &Schema) -> TokenStream {
    let Schema { ident, session, .. } = schema;
    let places: Vec<_> = stored(schema).map(|(index, _)| index).collect();
    let visit = unless(places.is_empty(), "visit");
    let any = |is: fn(&Key) -> bool| stored(schema).any(|(_, field)| field.key.as_ref().is_some_and(is));
    let owned = any(|key| key.principal).then(|| quote_spanned!(site()=> const OWNED: __p::bool = true;));
    let rejects = any(|key| key.reject).then(|| quote_spanned!(site()=> const REJECTS: __p::bool = true;));
    let seals = any(|key| key.sealed).then(|| quote_spanned!(site()=> const SEALS: __p::bool = true;));
    let merges = any(|key| key.merge.is_some()).then(|| quote_spanned!(site()=> const MERGES: __p::bool = true;));
    quote_spanned! {site()=>
        impl __p::TypedSession for #session {
            type Schema = #ident;
            #owned
            #rejects
            #seals
            #merges
            fn each(&self, #visit: &mut dyn __p::FnMut(&dyn __p::AnyField)) {
                #(visit(&self.#places);)*
            }
            fn each_mut(&mut self, #visit: &mut dyn __p::FnMut(&mut dyn __p::AnyField)) {
                #(visit(&mut self.#places);)*
            }
            fn snapshot(&self) -> #ident { self.snapshot() }
            fn replace(&mut self, value: #ident) { self.replace(value); }
        }
    }
}

/// `Visits { hits: self.1.fresh(&self.0), … }`
fn snapshot(schema: &Schema) -> TokenStream {
    let Schema { ident, fields, .. } = schema;
    let stored =
        stored(schema).map(|(index, Stored { ident, .. })| quote_spanned!(site()=> #ident: self.#index.fresh(&self.0)));
    let skipped = fields.iter().filter_map(|field| match field {
        Field::Skipped { ident, ty } => Some(quote_spanned!(at(ty.span())=> #ident: __p::default::<#ty>())),
        Field::Stored(_) => None,
    });
    let values = stored.chain(skipped);
    quote_spanned!(site()=> #ident { #(#values,)* })
}

/// A parameter's name, or `_` for one that nothing uses.
fn unless(unused: bool, name: &str) -> TokenStream {
    if unused {
        return quote!(_);
    }
    let name = Ident::new(name, site());
    quote!(#name)
}

/// The traits that a session has as any type has them.
fn trait_impls(Schema { session, .. }: &Schema) -> TokenStream {
    quote_spanned! {site()=>
        impl __p::Deref for #session {
            type Target = __p::SessionCore;
            fn deref(&self) -> &__p::SessionCore { &self.0 }
        }
        impl __p::DerefMut for #session {
            fn deref_mut(&mut self) -> &mut __p::SessionCore { &mut self.0 }
        }
        impl __p::Drop for #session {
            fn drop(&mut self) { __p::deposit(self); }
        }
        impl __p::Debug for #session {
            fn fmt(&self, f: &mut __p::Formatter<'_>) -> __p::FmtResult { __p::debug(self, f) }
        }
    }
}

/// A value of any type, where an error was reported and no code will run.
fn never() -> TokenStream {
    quote!(__p::Option::None.unwrap())
}

/// Locals of generated code are hidden from the user's expressions.
fn site() -> Span {
    Span::mixed_site()
}

/// As [`site`], but what rustc has to say points to `span`.
fn at(span: Span) -> Span {
    site().located_at(span)
}
