//! Judges the field that says whose session it is.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Ident, Type};

use crate::attr::FieldWords;
use crate::errors::Errors;
use crate::types::{inside_option, is_primitive, plain};

/// The field that says whose session it is, if one did so far.
#[derive(Default)]
pub(super) struct Principal(Option<Ident>);

impl Principal {
    /// Whether `field` is the principal; of two, the first is.
    pub(super) fn judge(&mut self, field: &syn::Field, ident: &Ident, words: &FieldWords, errors: &mut Errors) -> bool {
        let Some(word) = words.principal.word() else {
            return false;
        };
        if let Some(first) = &self.0 {
            errors.at(word, format!("`{first}` is the principal already, a session has one: remove one of them"));
            return false;
        }
        self.0 = Some(ident.unraw());
        if inside_option(&field.ty).is_none() {
            let reason = "a principal is `None` while nobody is signed in";
            errors.at(&field.ty, format!("{reason}: {}", instead(&field.ty)));
        }
        tell_conflicts(words, errors);
        true
    }
}

/// What to write instead of a type that is no `Option`, or is not seen to be one.
fn instead(ty: &Type) -> String {
    let name = name(ty).unwrap_or_else(|| "…".to_owned());
    let alias = match plain(ty) {
        Type::Path(_) if !is_primitive(ty) => "; an alias of an `Option` has to be written out",
        _ => "",
    };
    format!("write `Option<{name}>`{alias}")
}

/// The type, if it is short: a path without arguments.
fn name(ty: &Type) -> Option<String> {
    let Type::Path(ty) = plain(ty) else {
        return None;
    };
    let has_arguments = ty.path.segments.iter().any(|segment| !segment.arguments.is_none());
    (ty.qself.is_none() && !has_arguments).then(|| ty.to_token_stream().to_string().replace(' ', ""))
}

/// Blames each word that the principal alone cannot have.
fn tell_conflicts(words: &FieldWords, errors: &mut Errors) {
    let conflicts = [
        (words.merge.word(), "two answers to whose session it is cannot be merged"),
        (words.ttl.word(), "a session does not stop being somebody's by itself"),
        (words.sealed.word(), "a principal stands in the store's index, in the clear"),
    ];
    for (word, reason) in conflicts {
        if let Some(word) = word {
            errors.at(word, format!("{reason}: remove `{word}` or `principal`"));
        }
    }
}
