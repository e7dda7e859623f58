//! Answers questions about types as they are written; what they mean, rustc knows.

use quote::ToTokens;
use syn::{
    GenericArgument, Ident, Lifetime, Path, PathArguments, PathSegment, Type, TypeImplTrait, TypeParamBound,
    TypeReference, TypeTraitObject,
};

/// The type itself, without the invisible groups and the parentheses that a macro may have put
/// around it.
pub(crate) fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => plain(&group.elem),
        Type::Paren(paren) => plain(&paren.elem),
        _ => ty,
    }
}

pub(crate) fn reference(ty: &Type) -> Option<&TypeReference> {
    match plain(ty) {
        Type::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// `T` of `Option<T>`, written bare or with the standard library's path.
pub(crate) fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(ty) = plain(ty) else {
        return None;
    };
    let names = ty.path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>();
    if !["Option", "std::option::Option", "core::option::Option"].contains(&&*names.join("::")) {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &ty.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

/// A primitive that everyone reads by value.
pub(crate) fn is_primitive(ty: &Type) -> bool {
    const PRIMITIVES: &str = "bool char f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize";
    let Type::Path(ty) = plain(ty) else {
        return false;
    };
    let name = ty.path.get_ident().filter(|_| ty.qself.is_none());
    name.is_some_and(|name| PRIMITIVES.split(' ').any(|primitive| name == primitive))
}

/// Gives every borrow in `ty` that names no lifetime the lifetime `'static`, and shows it to `found`.
pub(crate) fn make_static(ty: &mut Type, found: &mut dyn FnMut(&dyn ToTokens)) {
    walk(ty, &mut |ty| {
        if let Type::Reference(reference) = ty
            && reference.lifetime.is_none()
        {
            found(reference);
            reference.lifetime = Some(Lifetime::new("'static", reference.and_token.span));
        }
        for lifetime in lifetimes(ty) {
            if lifetime.ident == "_" {
                found(lifetime);
                lifetime.ident = Ident::new("static", lifetime.ident.span());
            }
        }
    });
}

/// The lifetimes of `ty` itself, not of the types inside it.
fn lifetimes(ty: &mut Type) -> Vec<&mut Lifetime> {
    match ty {
        Type::Reference(ty) => ty.lifetime.iter_mut().collect(),
        Type::Path(ty) => {
            let arguments = ty.path.segments.iter_mut().flat_map(arguments);
            let lifetimes = arguments.filter_map(|argument| match argument {
                GenericArgument::Lifetime(lifetime) => Some(lifetime),
                _ => None,
            });
            lifetimes.collect()
        }
        Type::ImplTrait(TypeImplTrait { bounds, .. }) | Type::TraitObject(TypeTraitObject { bounds, .. }) => {
            let lifetimes = bounds.iter_mut().filter_map(|bound| match bound {
                TypeParamBound::Lifetime(lifetime) => Some(lifetime),
                _ => None,
            });
            lifetimes.collect()
        }
        _ => Vec::new(),
    }
}

/// Visits `ty` and the types that are written inside it.
pub(crate) fn walk(ty: &mut Type, visit: &mut dyn FnMut(&mut Type)) {
    visit(ty);
    match ty {
        Type::Array(ty) => walk(&mut ty.elem, visit),
        Type::Group(ty) => walk(&mut ty.elem, visit),
        Type::Paren(ty) => walk(&mut ty.elem, visit),
        Type::Reference(ty) => walk(&mut ty.elem, visit),
        Type::Slice(ty) => walk(&mut ty.elem, visit),
        Type::Tuple(ty) => ty.elems.iter_mut().for_each(|ty| walk(ty, visit)),
        Type::Path(ty) => walk_path(&mut ty.path, visit),
        Type::ImplTrait(TypeImplTrait { bounds, .. }) | Type::TraitObject(TypeTraitObject { bounds, .. }) => {
            for bound in bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    walk_path(&mut bound.path, visit);
                }
            }
        }
        _ => {}
    }
}

fn walk_path(path: &mut Path, visit: &mut dyn FnMut(&mut Type)) {
    for argument in path.segments.iter_mut().flat_map(arguments) {
        match argument {
            GenericArgument::Type(ty) => walk(ty, visit),
            GenericArgument::AssocType(assoc) => walk(&mut assoc.ty, visit),
            _ => {}
        }
    }
}

/// The arguments in angle brackets; what stands in the parentheses of `Fn(&str)` has lifetimes of
/// its own.
fn arguments(segment: &mut PathSegment) -> impl Iterator<Item = &mut GenericArgument> {
    let arguments = match &mut segment.arguments {
        PathArguments::AngleBracketed(bracketed) => Some(&mut bracketed.args),
        _ => None,
    };
    arguments.into_iter().flatten()
}
