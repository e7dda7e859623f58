//! Judges what was written, tells every mistake, and models the rest as if it were right.

mod names;
mod principal;
mod span;

use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Meta, Path, Type, parse_quote};

#[cfg(test)]
pub(crate) use self::names::RESERVED;
use self::names::{Names, here};
use self::principal::Principal;
use crate::ast::{Content, Field, Item, Key, Merge, Schema, Stored};
use crate::attr::{FieldWords, StructWords};
use crate::errors::Errors;
use crate::types::{inside_option, is_primitive, make_static, plain, reference};

/// What `input` means, as far as it means something.
pub(crate) fn item(input: &DeriveInput, errors: &mut Errors) -> Item {
    let words = StructWords::read(&input.attrs, errors);
    let ident = here(&input.ident);
    let runtime = runtime(words.runtime.get());
    let session = names::session(input, &words, errors);
    let fields = named_fields(input, errors);
    let attrs = fields.iter().flatten().flat_map(|field| &field.attrs);
    let allows = input.attrs.iter().chain(attrs).filter_map(allow).collect();
    let names = Names::new(&words, errors);
    let serializer = words.serializer.get();
    let mut judge = Judge { errors, names, principal: Principal::default(), serializer, idents: Vec::new() };
    let fields = fields.map(|fields| fields.iter().filter_map(|field| judge.field(field)).collect());
    match (fields, has_parameters(input, errors)) {
        (Some(fields), false) => {
            let vis = input.vis.clone();
            Item::Schema(Schema { ident, vis, session, runtime, allows, fields })
        }
        _ => Item::Other { ident, generics: input.generics.clone(), runtime },
    }
}

/// The path of the runtime, unless the user says another.
pub(crate) fn runtime(path: Option<&Path>) -> Path {
    path.cloned().unwrap_or_else(|| parse_quote!(::session_runtime))
}

fn named_fields<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<Vec<&'a syn::Field>> {
    let message = "a session schema is a struct with named fields";
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields.named.iter().collect()),
            Fields::Unit => return Some(Vec::new()),
            Fields::Unnamed(fields) => {
                errors.at(fields, format!("{message}: each is stored under its name"));
            }
        },
        Data::Enum(data) => {
            errors.at(data.enum_token, format!("{message}; an enum can be the type of a field"));
        }
        Data::Union(data) => errors.at(data.union_token, message),
    }
    None
}

fn has_parameters(input: &DeriveInput, errors: &mut Errors) -> bool {
    let parameters = &input.generics.params;
    if !parameters.is_empty() {
        let reason = "its fields are stored by name, so every instance would share them";
        let message = format!("a session schema takes no parameters: {reason}");
        errors.at(parameters, message);
    }
    !parameters.is_empty()
}

/// The user's `#[allow]`; `#[expect]` too, as an `allow`, since what it expects is found elsewhere.
fn allow(attr: &Attribute) -> Option<Attribute> {
    let mut attr = attr.clone();
    let path = match &mut attr.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => &mut list.path,
        _ => return None,
    };
    *path = Ident::new("allow", path.span()).into();
    Some(attr)
}

/// Judges field after field, in the light of those before.
struct Judge<'a> {
    errors: &'a mut Errors,
    names: Names,
    principal: Principal,
    serializer: Option<&'a Path>,
    /// The fields so far.
    idents: Vec<Ident>,
}

impl Judge<'_> {
    /// The field as it is stored or skipped; none if rustc reports that another has its name.
    fn field(&mut self, field: &syn::Field) -> Option<Field> {
        let ident = field.ident.as_ref()?;
        if self.idents.contains(&ident.unraw()) {
            return None;
        }
        self.idents.push(ident.unraw());
        let mut words = FieldWords::read(&field.attrs, self.errors);
        let Some(skip) = words.skip.word().cloned() else {
            return Some(Field::Stored(Box::new(self.stored(field, ident, &words))));
        };
        if let Some(word) = words.beside_skip() {
            let reason = format!("a field that is not stored has no use for `{word}`");
            self.errors.at(skip, format!("{reason}, remove one of them"));
        }
        Some(Field::Skipped { ident: here(ident), ty: Box::new(field.ty.clone()) })
    }

    fn stored(&mut self, field: &syn::Field, ident: &Ident, words: &FieldWords) -> Stored {
        let mut ty = field.ty.clone();
        let is_owned = self.owns(inside_option(&ty).unwrap_or(&ty));
        if !is_owned {
            make_static(&mut ty, &mut |_| {});
        }
        let content = self.content(&ty, words);
        let inner = match &content {
            Content::Required { .. } => &ty,
            Content::Optional { inner } => inner,
        };
        let primitive = is_primitive(inner).then(|| inner.span());
        let is_principal = self.principal.judge(field, ident, words, self.errors);
        let is_sound = is_owned && !(is_principal && matches!(content, Content::Required { .. }));
        let reject = words.on_mismatch.get().is_some_and(|text| self.rejects(text));
        let key = Key {
            name: self.names.stored(ident, words.rename.get(), self.errors),
            serializer: words.serializer.get().or(self.serializer).cloned(),
            principal: is_principal,
            merge: words.merge.get().filter(|_| !is_principal).map(Merge::of),
            reject,
            ttl: words.ttl.get().and_then(|text| self.ttl(text)),
            sealed: words.sealed.get().is_some(),
        };
        let chosen = words.accessor.get();
        let (marks, docs) = carried(&field.attrs);
        Stored {
            ident: here(ident),
            vis: field.vis.clone(),
            ty,
            docs,
            marks,
            accessors: self.names.accessors(ident, chosen, &content, self.errors),
            by_value: words.copy.word().map(Ident::span).or(primitive),
            key: is_sound.then_some(key),
            content,
        }
    }

    fn content(&mut self, ty: &Type, words: &FieldWords) -> Content {
        let Some(inner) = inside_option(ty) else {
            let default = words.default.get().cloned();
            return Content::Required { default };
        };
        if let Some(word) = words.default.word() {
            let reason = "an `Option` that holds nothing is `None`";
            let cure = "remove `default`, or write the type without `Option`";
            self.errors.at(word, format!("{reason}: {cure}"));
        }
        let inner = inner.clone();
        Content::Optional { inner }
    }

    fn rejects(&mut self, text: &LitStr) -> bool {
        let value = text.value();
        if !["default", "reject"].contains(&value.as_str()) {
            self.errors.at(text, format!("expected `default` or `reject`, not `{value}`"));
        }
        value == "reject"
    }

    fn ttl(&mut self, text: &LitStr) -> Option<u64> {
        let value = text.value();
        let millis = span::millis(&value);
        match millis {
            None => self.errors.at(text, format!("expected a time such as `30s`, `10m`, `12h` or `7d`, not `{value}`")),
            Some(0) => self.errors.at(text, "a time of nothing would end every value before it is read"),
            Some(_) => {}
        }
        millis
    }

    fn owns(&mut self, ty: &Type) -> bool {
        let Some(reference) = reference(ty) else {
            return true;
        };
        let instead = match plain(&reference.elem) {
            Type::Path(path) if path.path.is_ident("str") => "`String`",
            Type::Slice(_) => "a `Vec`",
            _ => "the type without `&`",
        };
        let reason = "a field owns its value, which is read from the store";
        self.errors.at(ty, format!("{reason}: write {instead}"));
        false
    }
}

/// What the accessors take over of a field's attributes: all of them, and the getter alone.
///
/// Doc comments stay with the getter, since a doctest that is repeated runs repeatedly.
fn carried(attrs: &[Attribute]) -> (Vec<Attribute>, Vec<Attribute>) {
    let kept = |attr: &&Attribute| attr.path().is_ident("doc") || attr.path().is_ident("deprecated");
    let is_text = |attr: &Attribute| attr.path().is_ident("doc") && matches!(attr.meta, Meta::NameValue(_));
    attrs.iter().filter(kept).cloned().partition(|attr| !is_text(attr))
}
