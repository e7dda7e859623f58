//! `#[session(autoload)]`: turns lent sessions into extractors, and lends them to the handler.

use proc_macro2::{Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, GenericParam, Ident, Pat, Path, Result, ReturnType, Signature, Token, Type, TypeImplTrait,
    TypeParamBound, Visibility, parse_quote, parse_quote_spanned,
};

use crate::attr::HandlerWords;
use crate::check;
use crate::errors::Errors;
use crate::types::{inside_option, make_static, plain, reference, walk};

/// A function as the user wrote it. Its body is not parsed: half-typed code keeps its handler.
struct Handler {
    attrs: Vec<Attribute>,
    vis: Visibility,
    sig: Signature,
    body: Group,
}

/// An extractor, whose value is an argument of the user's function.
struct Extractor {
    name: Ident,
    ty: Type,
    passed: Passed,
}

enum Passed {
    ByValue,
    /// It is a session, of which the function borrows.
    Lent {
        exclusive: bool,
        optional: bool,
    },
    /// A borrow of anything else, which was reported: nothing is extracted.
    Not,
}

/// `async fn count(visits: &mut Session<Visits>) -> String { … }` becomes
///
/// ```text
/// async fn count(mut visits: Session<Visits>) -> String {
///     async fn __handler(visits: &mut Session<Visits>) -> String { … }
///     let __response = __handler(__private::lend_mut::<Session<Visits>>(&mut visits)).await;
///     __private::finish::<Session<Visits>>(&mut visits);
///     __response
/// }
/// ```
///
/// Inside stands what the user wrote, so that it means what it says and rustc's errors point there.
/// `finish` is reached if the body ran to its end: a handler that was cancelled leaves nothing.
pub(crate) fn handler(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let words = HandlerWords::read(arguments, &mut errors);
    if words.autoload.get().is_none() && errors.is_empty() {
        errors.push(Error::new(Span::call_site(), "expected `#[session(autoload)]`"));
    }
    let runtime = check::runtime(words.runtime.get());
    match Handler::parse.parse2(item.clone()) {
        Ok(mut handler) => {
            let extractors = check(&mut handler.sig, &mut errors);
            expand(&handler, &extractors, &runtime, &errors.finish())
        }
        Err(error) => {
            errors.push(error);
            let errors = errors.finish();
            quote!(#(#errors)* #item)
        }
    }
}

impl Handler {
    fn parse(input: ParseStream) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if input.peek(Token![struct]) || input.peek(Token![enum]) || input.peek(Token![union]) {
            let advice = "write the helper `#[session(…)]` below `#[derive(Session)]`";
            let message = format!("this is the attribute macro, which goes on a handler: {advice}");
            return Err(input.error(message));
        }
        let elsewhere = input.error("`#[session(autoload)]` goes on an `async fn` with a body");
        let sig: Signature = input.parse().map_err(|_| elsewhere.clone())?;
        if let Some(receiver) = sig.receiver() {
            let advice = "take what it needs as an extractor, such as `State`";
            return Err(Error::new_spanned(receiver, format!("a handler has no `self`, {advice}")));
        }
        let body = input.parse().map_err(|_| elsewhere)?;
        Ok(Self { attrs, vis, sig, body })
    }
}

/// Judges the signature, and leaves it as if it were right.
fn check(sig: &mut Signature, errors: &mut Errors) -> Vec<Extractor> {
    if sig.asyncness.is_none() {
        errors.at(sig.fn_token, "a handler that loads sessions is asynchronous, write `async fn`");
        sig.asyncness = Some(Token![async](sig.fn_token.span));
    }
    let inputs = sig.inputs.iter_mut().enumerate();
    let extractors: Vec<_> = inputs.filter_map(|(place, input)| extractor(input, place, errors)).collect();
    for (place, extractor) in extractors.iter().enumerate() {
        if extractors[..place].iter().any(|earlier| earlier.conflicts_with(extractor)) {
            let reason = "two views of one session do not see each other's changes";
            errors.at(&extractor.ty, format!("this session is lent already, and {reason}: remove one"));
        }
    }
    if extractors.iter().all(|extractor| matches!(extractor.passed, Passed::ByValue)) {
        errors.push(nothing_to_load(sig, &extractors));
    }
    if let ReturnType::Type(_, ty) = &sig.output {
        let message = "a response outlives the session that it was made from, return an owned value";
        make_static(&mut ty.clone(), &mut |borrow| errors.at(borrow, message));
    }
    extractors
}

/// How to extract what `input` takes; none for a `self`, which was reported.
fn extractor(input: &mut FnArg, place: usize, errors: &mut Errors) -> Option<Extractor> {
    let FnArg::Typed(param) = input else {
        return None;
    };
    for condition in param.attrs.extract_if(.., |attr| attr.path().is_ident("cfg")) {
        errors.at(condition, "a parameter of a handler that loads sessions cannot depend on `cfg`, the handler can");
    }
    let name = match &*param.pat {
        Pat::Ident(pat) if !pat.ident.to_string().starts_with('_') => pat.ident.clone(),
        _ => Ident::new(&format!("argument{place}"), Span::mixed_site()),
    };
    let inside = inside_option(&param.ty).and_then(reference);
    let Some(borrow) = inside.or_else(|| reference(&param.ty)) else {
        return Some(Extractor { name, ty: (*param.ty).clone(), passed: Passed::ByValue });
    };
    let ty = (*borrow.elem).clone();
    if !may_be_session(&ty) {
        errors.at(&param.ty, "only a session is lent, take what else a handler needs by value");
        return Some(Extractor { name, ty, passed: Passed::Not });
    }
    if let Some(lifetime) = &borrow.lifetime {
        errors.at(lifetime, format!("a session is lent while the handler runs, remove `{lifetime}`"));
    }
    let passed = Passed::Lent { exclusive: borrow.mutability.is_some(), optional: inside.is_some() };
    Some(Extractor { name, ty, passed })
}

/// Whether `ty` is written as the name of a type: what it is, rustc knows.
fn may_be_session(ty: &Type) -> bool {
    match plain(ty) {
        Type::Path(ty) => !ty.path.is_ident("str"),
        Type::Macro(_) => true,
        _ => false,
    }
}

fn nothing_to_load(sig: &Signature, extractors: &[Extractor]) -> Error {
    let is_session = |extractor: &&Extractor| match plain(&extractor.ty) {
        Type::Path(ty) => ty.path.segments.last().is_some_and(|last| last.ident == "Session"),
        _ => false,
    };
    if let Some(owned) = extractors.iter().find(is_session) {
        let cure = "write `&mut` before it, or remove `#[session(autoload)]`";
        let message = format!("an owned session is loaded without help: {cure}");
        return Error::new_spanned(&owned.ty, message);
    }
    let shared = "`&Session<T>`, `Option<&Session<T>>`";
    let exclusive = "`&mut Session<T>` or `Option<&mut Session<T>>`";
    let message = format!("no parameter to load, expected {shared}, {exclusive}");
    Error::new(sig.paren_token.span.join(), message)
}

impl Extractor {
    fn conflicts_with(&self, other: &Self) -> bool {
        let (Passed::Lent { exclusive: ours, .. }, Passed::Lent { exclusive: others, .. }) =
            (&self.passed, &other.passed)
        else {
            return false;
        };
        let written = |ty: &Type| ty.to_token_stream().to_string();
        (*ours || *others) && written(&self.ty) == written(&other.ty)
    }

    /// `mut visits: Session<Visits>`
    fn parameter(&self, private: &TokenStream) -> Option<TokenStream> {
        let Self { name, ty, passed } = self;
        match passed {
            Passed::ByValue => Some(quote!(#name: #ty)),
            Passed::Lent { exclusive, optional } => {
                let mutability = exclusive.then(|| quote_spanned!(Span::mixed_site()=> mut));
                let ty = if *optional { quote!(#private::Option<#ty>) } else { quote!(#ty) };
                Some(quote!(#mutability #name: #ty))
            }
            Passed::Not => None,
        }
    }

    /// `__private::lend_mut::<Session<Visits>>(&mut visits)`, so that what is no session is told at its type.
    fn argument(&self, private: &TokenStream) -> TokenStream {
        let Self { name, ty, passed } = self;
        let site = Span::mixed_site().located_at(ty.span());
        match passed {
            Passed::ByValue => quote!(#name),
            Passed::Lent { optional: false, exclusive: false } => {
                quote_spanned!(site=> #private::lend::<#ty>(&#name))
            }
            Passed::Lent { optional: false, exclusive: true } => {
                quote_spanned!(site=> #private::lend_mut::<#ty>(&mut #name))
            }
            Passed::Lent { optional: true, exclusive: false } => {
                quote_spanned!(site=> #name.as_ref().map(#private::lend::<#ty>))
            }
            Passed::Lent { optional: true, exclusive: true } => {
                quote_spanned!(site=> #name.as_mut().map(#private::lend_mut::<#ty>))
            }
            Passed::Not => quote!(#private::Option::None.unwrap()),
        }
    }

    /// `__private::finish::<Session<Visits>>(&mut visits);`
    fn finish(&self, private: &TokenStream) -> Option<TokenStream> {
        let Self { name, ty, passed } = self;
        let Passed::Lent { exclusive: true, optional } = passed else {
            return None;
        };
        let finish = if *optional { quote!(finish_option) } else { quote!(finish) };
        Some(quote_spanned!(Span::mixed_site()=> #private::#finish::<#ty>(&mut #name);))
    }
}

fn expand(handler: &Handler, extractors: &[Extractor], runtime: &Path, errors: &[TokenStream]) -> TokenStream {
    let Handler { attrs, vis, sig, body } = handler;
    let private = quote!(#runtime::__private);
    let parameters = extractors.iter().filter_map(|extractor| extractor.parameter(&private));
    let arguments = extractors.iter().map(|extractor| extractor.argument(&private));
    let finishes = extractors.iter().filter_map(|extractor| extractor.finish(&private));
    // With the place of the user's name, what rustc says of both signatures is the same, and said once.
    let name = Ident::new("__handler", sig.ident.span());
    let generics = generics(sig);
    let outer = Signature { inputs: parse_quote!(#(#parameters),*), output: owned(sig), ..sig.clone() };
    let inner = Signature {
        // As generated code it is not told that it could do without `async`.
        asyncness: sig.asyncness.map(|token| Token![async](Span::mixed_site().located_at(token.span))),
        ident: name.clone(),
        output: detached(sig, &generics),
        ..sig.clone()
    };
    let turbofish = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
    let block = quote_spanned! {Span::mixed_site()=> {
        #(#errors)*
        #inner #body
        let __response = #name #turbofish(#(#arguments),*).await;
        #(#finishes)*
        __response
    }};
    quote!(#(#attrs)* #vis #outer #block)
}

/// The generic parameters but for lifetimes.
fn generics(sig: &Signature) -> Vec<&Ident> {
    let parameters = sig.generics.params.iter();
    parameters
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect()
}

/// The user's return type where nothing is lent.
fn owned(sig: &Signature) -> ReturnType {
    let mut output = sig.output.clone();
    if let ReturnType::Type(_, ty) = &mut output {
        make_static(ty, &mut |_| {});
    }
    output
}

/// The user's return type, in which `impl Trait` does not capture what is lent.
fn detached(sig: &Signature, generics: &[&Ident]) -> ReturnType {
    let mut output = sig.output.clone();
    if let ReturnType::Type(_, ty) = &mut output
        && !borrows(ty)
    {
        walk(ty, &mut |ty| {
            if let Type::ImplTrait(TypeImplTrait { bounds, .. }) = ty
                && !bounds.iter().any(|bound| matches!(bound, TypeParamBound::PreciseCapture(_)))
            {
                let site = Span::mixed_site().located_at(bounds.last().span());
                bounds.push(parse_quote_spanned!(site=> use<#(#generics),*>));
            }
        });
    }
    output
}

/// Whether `ty` borrows, which was reported.
fn borrows(ty: &Type) -> bool {
    let mut found = false;
    make_static(&mut ty.clone(), &mut |_| found = true);
    found
}
