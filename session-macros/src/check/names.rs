//! Judges the names that come from a schema: of its session, of the accessors, and in the store.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{DeriveInput, Ident, LitStr};

use crate::ast::{Accessor, Case, Content, Verb};
use crate::attr::StructWords;
use crate::errors::Errors;

/// Names that no accessor may have, by the reason why.
///
/// 1. Methods of the generated session itself: an accessor of that name would be defined twice.
/// 2. Methods of the runtime's `SessionCore` and `TypedSession`: an accessor would hide them.
/// 3. Methods that the prelude or dereferencing gives to every session: an accessor would answer in
///    their place.
pub(crate) const RESERVED: [&[&str]; 3] = [
    &["is_modified", "changed_fields", "discard", "save", "reload", "clear", "destroy", "snapshot", "replace"],
    &["id", "origin", "metadata", "regenerate_id", "set_lifetime", "reset_lifetime", "describe", "require_recent"],
    &["drop", "into", "try_into", "clone", "to_owned", "clone_from", "deref", "deref_mut"],
];

/// The longest stored name, in bytes.
const STORED_LIMIT: usize = 255;

/// What the fields so far have taken.
pub(super) struct Names {
    namespace: Option<String>,
    case: Case,
    accessors: Vec<Taken>,
    stored: Vec<Taken>,
}

struct Taken {
    name: String,
    field: String,
}

impl Names {
    pub(super) fn new(words: &StructWords, errors: &mut Errors) -> Self {
        Self {
            namespace: words.namespace.get().and_then(|text| namespace(text, errors)),
            case: words.rename_all.get().map_or(Case::Snake, |text| case(text, errors)),
            accessors: Vec::new(),
            stored: Vec::new(),
        }
    }

    /// The accessors of `field`, but for those that cannot be defined; of its collisions, one is told.
    pub(super) fn accessors(
        &mut self,
        field: &Ident,
        chosen: Option<&LitStr>,
        content: &Content,
        errors: &mut Errors,
    ) -> Vec<Accessor> {
        let base = chosen.and_then(|text| accessor(text, errors)).unwrap_or_else(|| here(field));
        let plain = base.unraw().to_string();
        let mut accessors = Vec::new();
        let mut clash = None;
        for verb in Verb::of(content) {
            let name = verb.name(&plain);
            clash = clash.or_else(|| self.clash(&name));
            if self.is_defined(&name) {
                continue;
            }
            let ident = match verb {
                Verb::Get => base.clone(),
                _ => Ident::new(&name, base.span()),
            };
            accessors.push(Accessor { verb: *verb, name: ident });
            self.accessors.push(Taken { name, field: field.unraw().to_string() });
        }
        match (clash, chosen) {
            (Some(clash), Some(text)) => errors.at(text, format!("{clash}, write another")),
            (Some(clash), None) => {
                errors.at(field, format!("{clash}, write `#[session(accessor = \"…\")]`"));
            }
            (None, _) => {}
        }
        accessors
    }

    fn is_defined(&self, name: &str) -> bool {
        let [methods, ..] = RESERVED;
        methods.contains(&name) || self.accessors.iter().any(|taken| taken.name == name)
    }

    fn clash(&self, name: &str) -> Option<String> {
        if let Some(taken) = self.accessors.iter().find(|taken| taken.name == name) {
            return Some(format!("the accessor `{name}` is generated for field `{}` too", taken.field));
        }
        let is_reserved = RESERVED.iter().any(|names| names.contains(&name));
        is_reserved.then(|| format!("the accessor `{name}` would hide the session's own `{name}`"))
    }

    /// What `field` is stored under.
    pub(super) fn stored(&mut self, field: &Ident, rename: Option<&LitStr>, errors: &mut Errors) -> String {
        let plain = field.unraw().to_string();
        let own = rename.map_or_else(|| self.case.apply(&plain), LitStr::value);
        let name = match &self.namespace {
            Some(namespace) => format!("{namespace}.{own}"),
            None => own,
        };
        let mistake = if name.starts_with('@') {
            "names that begin with `@` are the session's own, write another".to_owned()
        } else if name.len() > STORED_LIMIT {
            format!("a stored name has at most {STORED_LIMIT} bytes, this has {}, write a shorter one", name.len())
        } else if let Some(taken) = self.stored.iter().find(|taken| taken.name == name) {
            let write = if rename.is_some() { "another" } else { "`#[session(rename = \"…\")]`" };
            format!("field `{}` is stored under `{name}` too, write {write}", taken.field)
        } else {
            self.stored.push(Taken { name: name.clone(), field: plain });
            return name;
        };
        match rename {
            Some(text) => errors.at(text, mistake),
            None => errors.at(field, mistake),
        }
        plain
    }
}

/// The generated session's name.
pub(super) fn session(input: &DeriveInput, words: &StructWords, errors: &mut Errors) -> Ident {
    let usual = Ident::new(&format!("{}Session", input.ident.unraw()), here(&input.ident).span());
    let Some(text) = words.name.get() else {
        return usual;
    };
    match identifier(text) {
        Some(name) if name != input.ident => name,
        Some(_) => {
            errors.at(text, "the schema itself has this name, write another for the session generated beside it");
            usual
        }
        None => {
            errors.at(text, format!("expected the name of a struct, such as `{usual}`"));
            usual
        }
    }
}

fn namespace(text: &LitStr, errors: &mut Errors) -> Option<String> {
    let value = text.value();
    if value.starts_with('@') {
        errors.at(text, "names that begin with `@` are the session's own, write another");
        return None;
    }
    if value.len() >= STORED_LIMIT {
        errors.at(text, format!("a stored name has at most {STORED_LIMIT} bytes, write a shorter namespace"));
        return None;
    }
    Some(value)
}

fn case(text: &LitStr, errors: &mut Errors) -> Case {
    if let Some((_, case)) = Case::ALL.iter().find(|(name, _)| *name == text.value()) {
        return *case;
    }
    let names: Vec<_> = Case::ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
    errors.at(text, format!("unknown case, expected one of {}", names.join(", ")));
    Case::Snake
}

fn accessor(text: &LitStr, errors: &mut Errors) -> Option<Ident> {
    let name = identifier(text);
    if name.is_none() {
        errors.at(text, "expected the name of a method, such as `visits`");
    }
    name
}

/// The identifier that `text` holds, a raw one if it must be.
fn identifier(text: &LitStr) -> Option<Ident> {
    let value = text.value();
    let name = value.strip_prefix("r#").unwrap_or(&value);
    let is_one = Ident::parse_any.parse_str(name).is_ok_and(|ident| ident == name);
    let cannot_be_raw = ["_", "self", "Self", "super", "crate"].contains(&name);
    if !is_one || cannot_be_raw {
        return None;
    }
    let new = if syn::parse_str::<Ident>(name).is_ok() { Ident::new } else { Ident::new_raw };
    Some(new(name, span_here(text.span())))
}

/// The same name at the same place, but as generated code: lints leave it alone, errors still point there.
pub(super) fn here(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(span_here(ident.span()));
    ident
}

fn span_here(span: Span) -> Span {
    Span::call_site().located_at(span)
}
