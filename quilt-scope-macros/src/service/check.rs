//! What is right about it.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, Ident, ImplItem, ItemImpl, Lifetime, Pat, ReturnType, Signature, Type};

use crate::attributes::Options;
use crate::diagnostics::{self, Errors};
use crate::injected::{self, Injected, Kind, type_arguments};
use crate::lifetimes::Also;
use crate::paths::Runtime;

const OPTIONS: &[&str] = &["singleton", "transient", "secrets", "new", "close", "crate", "no_prelude"];

/// A service whose constructor a scope can call.
pub(super) struct Service {
    pub(super) runtime: Runtime,
    /// It stands in a module without the prelude.
    pub(super) no_prelude: bool,
    pub(super) ty: Type,
    pub(super) generics: syn::Generics,
    /// How long the scope is borrowed.
    pub(super) lifetime: Lifetime,
    pub(super) lives: Lives,
    pub(super) constructor: Ident,
    pub(super) is_async: bool,
    /// Where it says what it fails with, if it may.
    pub(super) fails: Option<Span>,
    pub(super) dependencies: Vec<Injected>,
    pub(super) close: Option<Ident>,
    /// It says that it holds secrets.
    pub(super) secrets: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Lives {
    Singleton,
    Request,
    Transient,
}

pub(super) fn check(options: TokenStream, block: &ItemImpl) -> syn::Result<Service> {
    let mut errors = Errors::default();
    let options = Options::parse(options, "service", OPTIONS, &mut errors);
    let runtime = Runtime::new(options.value("crate", "path", &mut errors));
    let no_prelude = options.word("no_prelude", &mut errors).is_some();
    let lives = lives(&options, &mut errors);
    let constructor: Option<Ident> = options.value("new", "connect", &mut errors);
    let close: Option<Ident> = options.value("close", "flush", &mut errors);
    let secrets = options.word("secrets", &mut errors).is_some();
    if let (Lives::Transient, Some(close)) = (lives, options.name_of("close")) {
        errors.push(diagnostics::options_exclude(close, "transient", diagnostics::NOT_TIDIED_UP));
    }

    if let Some((_, path, _)) = &block.trait_ {
        errors.push(diagnostics::trait_impl(path));
        return errors.finish(None);
    }
    lifetimes_only(&block.generics, lives, &mut errors);

    let name = constructor.map_or_else(|| "new".to_owned(), |name| name.to_string());
    let Some(signature) = find(block, &name) else {
        errors.push(diagnostics::no_constructor(&block.self_ty, &name));
        return errors.finish(None);
    };
    let lifetime = scope_lifetime(block, signature);
    let fails = fails(signature, &mut errors);
    let dependencies = dependencies(signature, &lifetime, &mut errors);

    errors.finish(Some(Service {
        runtime,
        no_prelude,
        ty: (*block.self_ty).clone(),
        generics: block.generics.clone(),
        lifetime,
        lives,
        constructor: signature.ident.clone(),
        is_async: signature.asyncness.is_some(),
        fails,
        dependencies,
        close,
        secrets,
    }))
}

/// What can be said of a service with a mistake in it, if that it is one.
pub(super) fn stand_in(options: TokenStream, block: &ItemImpl) -> Option<Service> {
    let mut reported_already = Errors::default();
    let options = Options::parse(options, "service", OPTIONS, &mut reported_already);
    block.trait_.is_none().then(|| Service {
        runtime: Runtime::new(options.value("crate", "path", &mut reported_already)),
        no_prelude: options.word("no_prelude", &mut reported_already).is_some(),
        ty: (*block.self_ty).clone(),
        generics: block.generics.clone(),
        lifetime: Lifetime::new("'__req", Span::mixed_site()),
        lives: lives(&options, &mut reported_already),
        constructor: Ident::new("new", Span::mixed_site()),
        is_async: false,
        fails: None,
        dependencies: Vec::new(),
        close: None,
        secrets: false,
    })
}

fn lives(options: &Options, errors: &mut Errors) -> Lives {
    match (options.word("singleton", errors), options.word("transient", errors)) {
        (Some(_), Some(second)) => {
            errors.push(diagnostics::options_exclude(&second, "singleton", diagnostics::ONCE_OR_EACH_TIME));
            Lives::Singleton
        }
        (Some(_), None) => Lives::Singleton,
        (None, Some(_)) => Lives::Transient,
        (None, None) => Lives::Request,
    }
}

fn lifetimes_only(generics: &syn::Generics, lives: Lives, errors: &mut Errors) {
    for parameter in &generics.params {
        match parameter {
            GenericParam::Lifetime(lifetime) if lives == Lives::Singleton => {
                errors.push(diagnostics::singleton_with_lifetime(&lifetime.lifetime));
            }
            GenericParam::Lifetime(_) => {}
            other => errors.push(diagnostics::generic(other, "service")),
        }
    }
}

fn find<'a>(block: &'a ItemImpl, name: &str) -> Option<&'a Signature> {
    block.items.iter().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == name => Some(&function.sig),
        _ => None,
    })
}

/// The lifetime that the constructor's references have; the block's last if they name none; else a new one.
fn scope_lifetime(block: &ItemImpl, signature: &Signature) -> Lifetime {
    let of_references = signature.inputs.iter().find_map(|input| match input {
        FnArg::Typed(typed) => match &*typed.ty {
            Type::Reference(reference) => reference.lifetime.clone(),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    let declared = |wanted: &Lifetime| block.generics.lifetimes().any(|own| own.lifetime == *wanted);
    of_references
        .filter(declared)
        .or_else(|| block.generics.lifetimes().last().map(|own| own.lifetime.clone()))
        .unwrap_or_else(|| Lifetime::new("'req", Span::mixed_site()))
}

/// The place of the error in `Result<Self, Error>`, or of an alias that says it.
fn fails(signature: &Signature, errors: &mut Errors) -> Option<Span> {
    let ReturnType::Type(_, ty) = &signature.output else {
        errors.push(diagnostics::constructor_returns(signature));
        return None;
    };
    let Type::Path(path) = &**ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    Some(type_arguments(last).get(1).map_or_else(|| last.ident.span(), Spanned::span))
}

fn dependencies(signature: &Signature, lifetime: &Lifetime, errors: &mut Errors) -> Vec<Injected> {
    let mut dependencies = Vec::new();
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.push(diagnostics::generic(parameter, "constructor"));
        }
    }
    for input in &signature.inputs {
        let typed = match input {
            FnArg::Typed(typed) => typed,
            FnArg::Receiver(receiver) => {
                errors.push(diagnostics::takes_self(receiver, "constructor"));
                continue;
            }
        };
        let Pat::Ident(name) = &*typed.pat else {
            errors.push(diagnostics::pattern(&typed.pat, "constructor"));
            continue;
        };
        let (service, lazy) = match injected::kind(&typed.ty) {
            Kind::Reference(service) => (service, false),
            Kind::Lazy(service) => (service, true),
            Kind::MutableReference(reference) => {
                errors.push(diagnostics::mutable_reference(reference));
                continue;
            }
            Kind::Value => {
                errors.push(match &*typed.ty {
                    Type::ImplTrait(_) => diagnostics::impl_trait(&typed.ty, "constructor"),
                    ty => diagnostics::constructor_takes_value(ty, &name.ident),
                });
                continue;
            }
        };
        if matches!(service, Type::ImplTrait(_)) {
            errors.push(diagnostics::impl_trait(service, "constructor"));
            continue;
        }
        dependencies.push(Injected::new(name.ident.clone(), service, lazy, lifetime, Also::Nothing));
    }
    dependencies
}
