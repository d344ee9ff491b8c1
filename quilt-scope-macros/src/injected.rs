//! A parameter that the scope fills: `&T`, or `Lazy<'_, T>`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericArgument, Ident, Lifetime, PathArguments, Type};

use crate::lifetimes::{Also, with_lifetime};
use crate::paths::Runtime;

/// A parameter that the scope fills.
pub(crate) struct Injected {
    pub(crate) name: Ident,
    /// What the scope has to provide, with the expansion's lifetime.
    pub(crate) service: Type,
    /// The same as the user wrote it.
    pub(crate) written: Type,
    pub(crate) lazy: bool,
}

/// What a parameter's type says about it.
pub(crate) enum Kind<'a> {
    Reference(&'a Type),
    MutableReference(&'a syn::TypeReference),
    Lazy(&'a Type),
    Value,
}

/// "What you take by reference is injected"; `Lazy` is the one exception.
pub(crate) fn kind(ty: &Type) -> Kind<'_> {
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => Kind::MutableReference(reference),
        Type::Reference(reference) => Kind::Reference(strip_parentheses(&reference.elem)),
        Type::Paren(inner) => kind(&inner.elem),
        Type::Group(inner) => kind(&inner.elem),
        Type::Path(path) => match path.path.segments.last() {
            Some(segment) if segment.ident == "Lazy" => match type_argument(segment) {
                Some(service) => Kind::Lazy(service),
                None => Kind::Value,
            },
            _ => Kind::Value,
        },
        _ => Kind::Value,
    }
}

fn strip_parentheses(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => strip_parentheses(&inner.elem),
        _ => ty,
    }
}

/// The first type among the generic arguments.
pub(crate) fn type_argument(segment: &syn::PathSegment) -> Option<&Type> {
    types(segment).next()
}

/// The types among the generic arguments.
pub(crate) fn type_arguments(segment: &syn::PathSegment) -> Vec<Type> {
    types(segment).cloned().collect()
}

fn types(segment: &syn::PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

impl Injected {
    pub(crate) fn new(name: Ident, written: &Type, lazy: bool, lifetime: &Lifetime, also: Also) -> Self {
        let service = with_lifetime(written, lifetime, also);
        Self { name, service, written: written.clone(), lazy }
    }

    /// `Scope: Provides<'req, Service>`, quoted where the parameter's type stands.
    pub(crate) fn bound(&self, scope: &TokenStream, lifetime: &Lifetime, runtime: &Runtime) -> TokenStream {
        let span = self.written.span();
        let runtime = runtime.at(span);
        let service = &self.service;
        quote_spanned!(span=> #scope: #runtime::Provides<#lifetime, #service>)
    }

    /// `&'req Service: HeldIn<'req, Service, Scope>`, quoted there too: what the parameter of a constructor needs.
    pub(crate) fn held(&self, scope: &TokenStream, lifetime: &Lifetime, runtime: &Runtime) -> TokenStream {
        let span = self.written.span();
        let runtime = runtime.at(span);
        let service = &self.service;
        let reference = reference(service, lifetime);
        quote_spanned!(span=> #reference: #runtime::HeldIn<#lifetime, #service, #scope>)
    }

    /// `for<'any> dyn Trait + 'any: Shared`, quoted there too: nothing else asks whether an object may change threads.
    ///
    /// For any lifetime, since for one alone it would be all that is known of the object in an asynchronous body. Messages show its
    /// name.
    pub(crate) fn shared(&self, any: &str, runtime: &Runtime) -> Option<TokenStream> {
        let (span, any) = (self.written.span(), Lifetime::new(any, Span::mixed_site()));
        let (runtime, object) = (runtime.at(span), with_lifetime(&self.written, &any, Also::Nothing));
        matches!(object, Type::TraitObject(_))
            .then(|| quote_spanned!(span=> for<#any> #object: #runtime::Shared))
    }

    /// `Whole: Shares<Service>`: the same of what is no object, if the scope is whole. For any lifetime, too.
    pub(crate) fn shares(&self, whole: &TokenStream, runtime: &Runtime) -> Option<TokenStream> {
        let (runtime, service) = (runtime.path(), &self.service);
        match service {
            Type::TraitObject(_) => None,
            _ if !has_lifetime(service) => Some(quote!(#whole: #runtime::__private::Shares<#service>)),
            _ => {
                let any = Lifetime::new("'any", Span::mixed_site());
                let of_any = with_lifetime(&self.written, &any, Also::Everything);
                let of_all = self.of_all();
                Some(quote! {
                    for<#any> #whole: #runtime::__private::Then<#of_any, Itself = #of_any>,
                    for<#any> <[(); #runtime::__private::Known::<#of_all>::SHARED] as #runtime::__private::Asks<#whole, #of_any>>::Of:
                        #runtime::__private::core::marker::Sync
                })
            }
        }
    }

    /// How often it is there to be kept: not at all, if it is a service that may not be shared.
    pub(crate) fn kept(&self, runtime: &Runtime) -> Option<TokenStream> {
        if matches!(self.service, Type::TraitObject(_)) {
            return None;
        }
        let (runtime, of_all) = (runtime.path(), self.of_all());
        Some(
            quote!(#runtime::__private::Kept::<#of_all, { #runtime::__private::Known::<#of_all>::SHARED }>::COUNT),
        )
    }

    /// The type in a place where no lifetime can be named.
    fn of_all(&self) -> Type {
        with_lifetime(&self.written, &Lifetime::new("'static", Span::call_site()), Also::Everything)
    }

    /// What the scope gives to a tool.
    pub(crate) fn ask(&self, scope: &Ident, runtime: &Runtime) -> TokenStream {
        self.of(if self.lazy { "ask_later" } else { "ask" }, scope, runtime)
    }

    /// What a constructor of that scope is given.
    pub(crate) fn take(&self, scope: &Ident, runtime: &Runtime) -> TokenStream {
        self.of(if self.lazy { "take_later" } else { "take" }, scope, runtime)
    }

    fn of(&self, give: &str, scope: &Ident, runtime: &Runtime) -> TokenStream {
        let (runtime, give, service) = (runtime.path(), Ident::new(give, Span::call_site()), &self.service);
        quote!(#runtime::__private::Of::<#service>::#give(#scope))
    }

    /// The type as people read it: no spaces around brackets.
    pub(crate) fn type_name(&self) -> String {
        type_name(&self.written)
    }
}

/// What finds out of types that name a lifetime whether they may be shared.
pub(crate) fn found_out<'a>(
    kept: bool,
    injected: impl IntoIterator<Item = &'a Injected>,
    runtime: &Runtime,
) -> Option<TokenStream> {
    let runtime = runtime.path();
    (kept || injected.into_iter().any(|one| has_lifetime(&one.service))).then(|| {
        quote! {
            #[allow(unused_imports, reason = "for what is not Sync")]
            use #runtime::__private::{NotKept as _, NotKnown as _};
        }
    })
}

/// `&'req T`, in parentheses where it has to be.
pub(crate) fn reference(service: &Type, lifetime: &Lifetime) -> TokenStream {
    let span = service.span();
    match service {
        Type::TraitObject(_) => quote_spanned!(span=> &#lifetime (#service)),
        _ => quote_spanned!(span=> &#lifetime #service),
    }
}

/// A type as people read it.
pub(crate) fn type_name(ty: &Type) -> String {
    ty.to_token_stream()
        .to_string()
        .replace(" :: ", "::")
        .replace(" < ", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("& ", "&")
}

/// Whether a lifetime is named anywhere in the type.
pub(crate) fn has_lifetime(ty: &Type) -> bool {
    ty.to_token_stream().to_string().contains('\'')
}

/// The bare name of a type: `PermissionService` of `auth::PermissionService<'req>`.
pub(crate) fn bare_name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map_or_else(String::new, |last| last.ident.to_string()),
        other => type_name(other),
    }
}
