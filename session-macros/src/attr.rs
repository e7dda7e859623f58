//! Reads `#[session(…)]` into slots that are set once and know their own name.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Expr, Ident, LitStr, Meta, Path, Result, Token, token};

use crate::errors::Errors;

/// What a struct's helpers say.
pub(crate) struct StructWords {
    pub(crate) serializer: Slot<Path>,
    pub(crate) namespace: Slot<LitStr>,
    pub(crate) name: Slot<LitStr>,
    pub(crate) rename_all: Slot<LitStr>,
    pub(crate) runtime: Slot<Path>,
}

impl StructWords {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut words = Self::new();
        read_helpers(attrs, &mut words.slots(), errors);
        words
    }

    fn new() -> Self {
        Self {
            serializer: Slot::new("serializer", "serializer = Json"),
            namespace: Slot::new("namespace", "namespace = \"…\""),
            name: Slot::new("name", "name = \"…\""),
            rename_all: Slot::new("rename_all", "rename_all = \"camelCase\""),
            runtime: Slot::new("crate", "crate = path"),
        }
    }

    fn slots(&mut self) -> [&mut dyn Word; 5] {
        [&mut self.serializer, &mut self.namespace, &mut self.name, &mut self.rename_all, &mut self.runtime]
    }
}

/// What a field's helpers say.
pub(crate) struct FieldWords {
    pub(crate) serializer: Slot<Path>,
    pub(crate) default: Slot<Expr>,
    pub(crate) rename: Slot<LitStr>,
    pub(crate) accessor: Slot<LitStr>,
    pub(crate) copy: Slot<Flag>,
    pub(crate) principal: Slot<Flag>,
    pub(crate) merge: Slot<Path>,
    pub(crate) on_mismatch: Slot<LitStr>,
    pub(crate) ttl: Slot<LitStr>,
    pub(crate) sealed: Slot<Flag>,
    pub(crate) skip: Slot<Flag>,
}

impl FieldWords {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut words = Self::new();
        read_helpers(attrs, &mut words.slots(), errors);
        words
    }

    /// Of the words that were given, the first that is not `skip`.
    pub(crate) fn beside_skip(&mut self) -> Option<&'static str> {
        let given = self.slots().into_iter().filter(|word| word.is_set());
        given.map(|word| word.name()).find(|name| *name != "skip")
    }

    fn new() -> Self {
        Self {
            serializer: Slot::new("serializer", "serializer = Json"),
            default: Slot::new("default", "default = …"),
            rename: Slot::new("rename", "rename = \"…\""),
            accessor: Slot::new("accessor", "accessor = \"…\""),
            copy: Slot::new("copy", "copy"),
            principal: Slot::new("principal", "principal"),
            merge: Slot::new("merge", "merge = sum"),
            on_mismatch: Slot::new("on_mismatch", "on_mismatch = \"reject\""),
            ttl: Slot::new("ttl", "ttl = \"10m\""),
            sealed: Slot::new("sealed", "sealed"),
            skip: Slot::new("skip", "skip"),
        }
    }

    fn slots(&mut self) -> [&mut dyn Word; 11] {
        [
            &mut self.serializer,
            &mut self.default,
            &mut self.rename,
            &mut self.accessor,
            &mut self.copy,
            &mut self.principal,
            &mut self.merge,
            &mut self.on_mismatch,
            &mut self.ttl,
            &mut self.sealed,
            &mut self.skip,
        ]
    }
}

/// What the attribute macro on a handler says.
pub(crate) struct HandlerWords {
    pub(crate) autoload: Slot<Flag>,
    pub(crate) runtime: Slot<Path>,
}

impl HandlerWords {
    pub(crate) fn read(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut words = Self::new();
        let all = |input: ParseStream| {
            read_words(input, &mut words.slots(), errors);
            Ok(())
        };
        if let Err(error) = all.parse2(arguments) {
            errors.push(error);
        }
        words
    }

    fn new() -> Self {
        Self { autoload: Slot::new("autoload", "autoload"), runtime: Slot::new("crate", "crate = path") }
    }

    fn slots(&mut self) -> [&mut dyn Word; 2] {
        [&mut self.autoload, &mut self.runtime]
    }
}

/// Reads every `#[session(…)]` among `attrs`.
fn read_helpers(attrs: &[Attribute], slots: &mut [&mut dyn Word], errors: &mut Errors) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("session")) {
        let all = |input: ParseStream| {
            read_words(input, slots, errors);
            Ok(())
        };
        let read = match &attr.meta {
            Meta::List(_) => attr.parse_args_with(all),
            Meta::Path(_) => {
                Err(Error::new_spanned(attr, "`#[session]` alone says nothing, write `#[session(…)]` or remove it"))
            }
            Meta::NameValue(meta) => {
                Err(Error::new_spanned(&meta.value, "expected parentheses, write `#[session(…)]`"))
            }
        };
        if let Err(error) = read {
            errors.push(error);
        }
    }
}

/// Reads `word, word = value, …` and goes on at the next comma after a mistake, so that none hides another.
fn read_words(input: ParseStream, slots: &mut [&mut dyn Word], errors: &mut Errors) {
    while !input.is_empty() {
        match read_word(input, slots) {
            Ok(()) if input.is_empty() || input.peek(Token![,]) => {}
            Ok(()) => errors.push(input.error("expected `,`")),
            Err(error) => errors.push(error),
        }
        skip_to_comma(input);
        let _comma: Result<Option<Token![,]>> = input.parse();
    }
}

fn read_word(input: ParseStream, slots: &mut [&mut dyn Word]) -> Result<()> {
    let expected = || input.error(format!("expected {}", listed(&names(slots))));
    let word = input.call(Ident::parse_any).map_err(|_| expected())?;
    match slots.iter_mut().find(|slot| word == slot.name()) {
        Some(slot) => slot.set(word, input),
        None => Err(unknown(&word, &names(slots))),
    }
}

/// A value may hold commas of its own (`Map::<K, V>::new()`), so it is read as an expression where one follows.
fn skip_to_comma(input: ParseStream) {
    if input.peek(Token![=]) {
        let _value: Result<(Token![=], Expr)> = input.parse().and_then(|eq| Ok((eq, input.parse()?)));
    }
    while !input.is_empty() && !input.peek(Token![,]) {
        let _token: Result<TokenTree> = input.parse();
    }
}

fn unknown(word: &Ident, names: &[&str]) -> Error {
    let close = names.iter().find(|name| distance(name, &word.to_string()) <= 2);
    let hint = match (elsewhere(word), close) {
        (Some(place), None) => format!("`{word}` goes on {place}"),
        (Some(place), Some(name)) => format!("`{word}` goes on {place}; did you mean `{name}`?"),
        (None, Some(name)) => format!("unknown attribute `{word}`, did you mean `{name}`?"),
        (None, None) => format!("unknown attribute `{word}`, expected {}", listed(names)),
    };
    Error::new(word.span(), hint)
}

/// Where a word belongs that is unknown here.
fn elsewhere(word: &Ident) -> Option<&'static str> {
    let is = |name: &&str| word == name;
    if names(&StructWords::new().slots()).iter().any(is) {
        Some("the schema itself, above its `struct`")
    } else if names(&FieldWords::new().slots()).iter().any(is) {
        Some("a field of the schema")
    } else if names(&HandlerWords::new().slots()).iter().any(is) {
        Some("a handler: write `#[session(autoload)]` above an `async fn`")
    } else {
        None
    }
}

fn names(slots: &[&mut dyn Word]) -> Vec<&'static str> {
    slots.iter().map(|slot| slot.name()).collect()
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// How many letters are to be added, removed or replaced.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in right.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

/// A value that is set once.
pub(crate) struct Slot<T> {
    name: &'static str,
    /// How it is written, for messages.
    form: &'static str,
    value: Option<(Ident, T)>,
}

impl<T> Slot<T> {
    fn new(name: &'static str, form: &'static str) -> Self {
        Self { name, form, value: None }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().map(|(_, value)| value)
    }

    /// The user's token for the word itself.
    pub(crate) fn word(&self) -> Option<&Ident> {
        self.value.as_ref().map(|(word, _)| word)
    }
}

/// A slot of any type.
trait Word {
    fn name(&self) -> &'static str;
    fn is_set(&self) -> bool;
    fn set(&mut self, word: Ident, input: ParseStream) -> Result<()>;
}

impl<T: Value> Word for Slot<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_set(&self) -> bool {
        self.value.is_some()
    }

    fn set(&mut self, word: Ident, input: ParseStream) -> Result<()> {
        if self.is_set() {
            return Err(Error::new(word.span(), format!("`{word}` is given twice, remove one")));
        }
        let value = T::read(&word, self.form, input)?;
        self.value = Some((word, value));
        Ok(())
    }
}

/// What may follow a word.
trait Value: Sized {
    fn read(word: &Ident, form: &str, input: ParseStream) -> Result<Self>;
}

/// A word that takes no value.
pub(crate) struct Flag;

impl Value for Flag {
    fn read(word: &Ident, form: &str, input: ParseStream) -> Result<Self> {
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Self);
        }
        if input.parse::<Option<Token![=]>>()?.is_none() && !input.peek(token::Paren) {
            return Ok(Self);
        }
        let message = format!("`{word}` takes no value, write `{form}` alone");
        Err(Error::new_spanned(input.parse::<Expr>()?, message))
    }
}

impl Value for LitStr {
    fn read(word: &Ident, form: &str, input: ParseStream) -> Result<Self> {
        equals(input).ok_or_else(|| needs_a_value(word, form))?;
        if !input.peek(LitStr) {
            let message = format!("expected a string, write `{form}`");
            return Err(Error::new_spanned(input.parse::<Expr>()?, message));
        }
        let text: LitStr = input.parse()?;
        if text.value().is_empty() {
            let message = format!("`{word}` is empty, write `{form}` or remove it");
            return Err(Error::new(text.span(), message));
        }
        Ok(text)
    }
}

impl Value for Path {
    fn read(word: &Ident, form: &str, input: ParseStream) -> Result<Self> {
        equals(input).ok_or_else(|| needs_a_value(word, form))?;
        if input.peek(syn::Lit) {
            let meant = input
                .fork()
                .parse::<LitStr>()
                .map_or_else(|_| form.to_owned(), |text| format!("{word} = {}", text.value()));
            return Err(input.error(format!("expected a path without quotes, write `{meant}`")));
        }
        if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
            let message = format!("expected a path, write `{form}`");
            return Err(Error::new_spanned(input.parse::<Expr>()?, message));
        }
        input.parse()
    }
}

impl Value for Expr {
    fn read(word: &Ident, form: &str, input: ParseStream) -> Result<Self> {
        let form = format!("{form}`, or nothing for `Default::default()");
        equals(input).ok_or_else(|| needs_a_value(word, &form))?;
        input.parse()
    }
}

/// The `=`, if a value follows it.
fn equals(input: ParseStream) -> Option<Token![=]> {
    let equals = input.parse::<Option<Token![=]>>().ok()?;
    equals.filter(|_| !input.is_empty() && !input.peek(Token![,]))
}

fn needs_a_value(word: &Ident, form: &str) -> Error {
    Error::new(word.span(), format!("`{word}` needs a value, write `{form}`"))
}
