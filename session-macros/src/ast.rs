//! The model: a schema as the check leaves it and the expansion takes it.

use proc_macro2::Span;
use syn::{Attribute, Expr, Generics, Ident, Path, Type, Visibility};

/// What derives `Session`.
pub(crate) enum Item {
    Schema(Schema),
    /// No struct with named fields, or one with parameters; which was reported.
    Other {
        ident: Ident,
        generics: Generics,
        runtime: Path,
    },
}

pub(crate) struct Schema {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// The generated struct's name.
    pub(crate) session: Ident,
    /// The path of `session_runtime`.
    pub(crate) runtime: Path,
    /// The user's `allow`s: types that are repeated in generated code need them again.
    pub(crate) allows: Vec<Attribute>,
    pub(crate) fields: Vec<Field>,
}

pub(crate) enum Field {
    Stored(Box<Stored>),
    /// `skip`: made by `Default` in a snapshot, and nowhere else.
    Skipped {
        ident: Ident,
        ty: Box<Type>,
    },
}

pub(crate) struct Stored {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    /// The user's doc comments.
    pub(crate) docs: Vec<Attribute>,
    /// What every accessor carries: `#[deprecated]`, `#[doc(hidden)]`.
    pub(crate) marks: Vec<Attribute>,
    pub(crate) accessors: Vec<Accessor>,
    /// Read by value; the token to blame if the type is not `Copy`.
    pub(crate) by_value: Option<Span>,
    pub(crate) content: Content,
    /// None for a type that was reported, a reference say: nothing more is demanded of it then.
    pub(crate) key: Option<Key>,
}

/// What a field holds.
pub(crate) enum Content {
    Required {
        default: Option<Expr>,
    },
    /// An `Option`: stored as its inner type, and `None` as absence.
    Optional {
        inner: Type,
    },
}

/// How a field is stored.
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) serializer: Option<Path>,
    /// Its value says whose session it is; always an `Option`.
    pub(crate) principal: bool,
    pub(crate) merge: Option<Merge>,
    pub(crate) reject: bool,
    /// Milliseconds.
    pub(crate) ttl: Option<u64>,
    pub(crate) sealed: bool,
}

/// How two changes of a field become one.
pub(crate) enum Merge {
    /// In one of the runtime's ways.
    Named(Ident),
    /// By a function of the user's.
    Own(Path),
}

impl Merge {
    const NAMED: [&str; 4] = ["max", "min", "sum", "union"];

    pub(crate) fn of(path: &Path) -> Self {
        match path.get_ident() {
            Some(ident) if Self::NAMED.iter().any(|name| ident == name) => Self::Named(ident.clone()),
            _ => Self::Own(path.clone()),
        }
    }
}

/// A generated method of one field.
pub(crate) struct Accessor {
    pub(crate) verb: Verb,
    pub(crate) name: Ident,
}

#[derive(Clone, Copy)]
pub(crate) enum Verb {
    Get,
    Lend,
    Set,
    Take,
    Clear,
}

impl Verb {
    pub(crate) fn of(content: &Content) -> &'static [Self] {
        match content {
            Content::Required { .. } => &[Self::Get, Self::Lend, Self::Set],
            Content::Optional { .. } => &[Self::Get, Self::Lend, Self::Set, Self::Take, Self::Clear],
        }
    }

    /// The accessor of a field called `base`.
    pub(crate) fn name(self, base: &str) -> String {
        match self {
            Self::Get => base.to_owned(),
            Self::Lend => format!("{base}_mut"),
            Self::Set => format!("set_{base}"),
            Self::Take => format!("take_{base}"),
            Self::Clear => format!("clear_{base}"),
        }
    }
}

/// The cases of `rename_all`, with serde's names and results.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    pub(crate) const ALL: [(&'static str, Self); 8] = [
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::ScreamingKebab),
    ];

    /// The name of a field, which is written in snake case.
    pub(crate) fn apply(self, field: &str) -> String {
        match self {
            Self::Lower | Self::Snake => field.to_owned(),
            Self::Upper | Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::Pascal => field.split('_').map(capitalized).collect(),
            Self::Camel => {
                let pascal = Self::Pascal.apply(field);
                let first = pascal.chars().next().map(|letter| letter.to_ascii_lowercase());
                first.into_iter().chain(pascal.chars().skip(1)).collect()
            }
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn capitalized(word: &str) -> String {
    let first = word.chars().next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(word.chars().skip(1)).collect()
}
