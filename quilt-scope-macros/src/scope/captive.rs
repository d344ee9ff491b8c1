//! What a scope tells the scopes that it opens under: that they outlive what it keeps.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Lifetime, Type, parse_quote};

use super::check::{Container, Parent};
use crate::injected::{has_lifetime, reference};
use crate::lifetimes::{Also, with_lifetime};
use crate::paths::silent;

/// How many scopes above its parent a scope tells of what it keeps. Each is an implementation for each service; nobody nests
/// deeper than that.
const ABOVE: usize = 3;

/// Tells the parent about a service of this scope under a condition that nothing fulfils, so that asking for it there
/// is refused as "outlives" rather than as "missing". And tells the reader of that message where the service is kept.
///
/// A parent with a lifetime is no root, and [what it opens under](ABOVE) is told as well.
pub(super) fn captive(container: &Container, parent: &Parent, service: &Type) -> TokenStream {
    let runtime = container.runtime.at(service.span());
    let scope = respanned(parent.scope.to_token_stream(), service.span());
    // A child has one; and if not, that is reported elsewhere.
    let inner: Lifetime = container.lifetime.clone().unwrap_or_else(|| parse_quote!('req));
    let service = with_lifetime(service, &inner, Also::Nothing);
    let mut generics = container.generics.clone();
    generics.params = generics
        .params
        .into_iter()
        .filter(|parameter| match parameter {
            syn::GenericParam::Lifetime(one) => Some(&one.lifetime) != container.lifetime.as_ref(),
            _ => true,
        })
        .collect();
    generics.params.insert(0, parse_quote!(#inner));
    let (impl_generics, _, _) = generics.split_for_impl();
    let name = &container.name;
    let inners = container.generics.lifetimes().map(|_| &inner);
    let own = quote!(#name<#(#inners),*>);
    let reference = reference(&service, &inner);
    let silent = silent(container.no_prelude);
    let above = if has_lifetime(&parent.scope) { ABOVE } else { 0 };
    let wider = std::iter::successors(Some(scope), |scope| {
        Some(quote_spanned!(service.span()=> <#scope as #runtime::__private::Nested>::Under))
    })
    .take(1 + above);
    // As if written at the field, so that a message shows who keeps it; that is what the last is there for.
    quote_spanned! {service.span()=>
        #(
            #silent
            impl #impl_generics #runtime::HeldIn<#inner, #service, #wider> for #reference
            where
                Self: #runtime::HeldIn<#inner, #service, #wider>,
                (): #runtime::__private::Outlives<#inner, #service, #wider, #own>,
            {}
        )*
        impl #impl_generics #runtime::HeldIn<#inner, #service, &#inner #own> for #reference {}
    }
}

/// The same tokens, as if written at `span`.
pub(super) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), respanned(group.stream(), span)).into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(at).collect()
}
