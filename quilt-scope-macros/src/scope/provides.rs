//! What a scope provides: what it is given, what it builds, and what it sees of its parent.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Lifetime, Type, WherePredicate, parse_quote};

use super::captive::respanned;
use super::check::{Container, Given, Parent, SlotField, seen_through};
use super::expand::{of_field, takes_tools};
use crate::attributes::{hidden, type_parameter};
use crate::lifetimes::{Also, with_lifetime};
use crate::paths::silent;

/// The lifetime that `Provides` is implemented for, and whether the container declares it.
fn lifetime(container: &Container) -> (Lifetime, syn::Generics) {
    match &container.lifetime {
        Some(own) => (own.clone(), container.generics.clone()),
        None => {
            let fresh: Lifetime = parse_quote!('req);
            let mut generics = container.generics.clone();
            generics.params.insert(0, parse_quote!(#fresh));
            (fresh, generics)
        }
    }
}

/// What a field provides, and the parent does not.
fn provide_own(container: &Container, service: &Type, answer: &TokenStream) -> TokenStream {
    provide(container, service, sole_provider(container, service), answer)
}

pub(super) fn provide(
    container: &Container,
    service: &Type,
    condition: Option<WherePredicate>,
    answer: &TokenStream,
) -> TokenStream {
    let name = &container.name;
    let (req, mut generics) = lifetime(container);
    let runtime = container.runtime.at(service.span());
    generics.make_where_clause().predicates.extend(condition);
    let service = with_lifetime(service, &req, Also::Nothing);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = container.generics.split_for_impl();
    let silent = silent(container.no_prelude);
    quote_spanned! {service.span()=>
        #silent
        impl #impl_generics #runtime::Provides<#req, #service> for #name #ty_generics #where_clause {
            #[inline]
            fn provide(&#req self) -> #runtime::__private::Asked<#req, #service> {
                #answer
            }
        }
    }
}

/// `SoleProvider<'req, Auth, Self, App, { .. }>: Sole<Self>`, quoted where the type stands: of a scope that sees all that its parent
/// provides.
fn sole_provider(container: &Container, service: &Type) -> Option<WherePredicate> {
    let parent = container.parent.as_ref().filter(|parent| parent.inherits.is_none())?;
    let (at, name, fixed) = (service.span(), &container.name, parse_quote!('static));
    let (req, _) = lifetime(container);
    let runtime = container.runtime.at(at);
    let [above, scope] = [with_lifetime(&parent.scope, &fixed, Also::Everything), parent.scope.clone()]
        .map(|scope| respanned(scope.to_token_stream(), at));
    let own = container.generics.lifetimes().map(|own| &own.lifetime);
    let child = respanned(quote!(#name<#(#own),*>), at);
    let fixed = with_lifetime(service, &fixed, Also::Everything);
    let service = with_lifetime(service, &req, Also::Nothing);
    syn::parse2(quote_spanned! {at=>
        #runtime::SoleProvider<#req, #service, #child, #scope, {
            #runtime::__private::Providers::<#above, #fixed>::COUNT
        }>: #runtime::__private::Sole<#child>
    })
    .ok()
}

pub(super) fn provide_seed(container: &Container, seed: &Given) -> TokenStream {
    let runtime = container.runtime.path();
    let field = &seed.field;
    let service = seen_through(&seed.ty);
    let is_pointer = !std::ptr::eq(service, &seed.ty);
    let value = if is_pointer { quote!(&*self.#field) } else { quote!(&self.#field) };
    let own = provide_own(container, service, &quote!(#runtime::Ready::now(#value)));
    let also = seed
        .provides
        .iter()
        .map(|object| provide_own(container, object, &quote!(#runtime::Ready::now(#value))));
    quote!(#own #(#also)*)
}

pub(super) fn provide_slot(container: &Container, place: usize) -> TokenStream {
    let runtime = container.runtime.path();
    let (req, _) = lifetime(container);
    let slot = &container.slots[place];
    let asked = asked(container, slot, &first_tool(container, place));
    let known = of_field(container, slot, "Field", "known", Some(quote!()));
    let answer = of_field(container, slot, "Field", "answer", Some(asked));
    let also = slot.provides.iter().map(|object| {
        let service = with_lifetime(&slot.service, &req, Also::Nothing);
        let object_type = with_lifetime(object, &req, Also::Nothing);
        let answer = quote! {
            #runtime::Ready::map(
                <Self as #runtime::Provides<#req, #service>>::provide(self),
                |service| -> #runtime::__private::Ref<#req, #object_type> { service },
            )
        };
        provide_own(container, object, &answer)
    });
    let own = provide_own(container, &slot.service, &quote!(#known; #answer));
    quote!(#own #(#also)*)
}

/// `<The<_> as KeptBy<'req, _, Slot<Auth>>>::ask(first_tool, &self.auth, self)`, where `The<_>` has the place of the service, for that is where
/// to say what it lacks, and the field that of its type. That `_` is the service follows from what is done with the answer.
fn asked(container: &Container, slot: &SlotField, first_tool: &TokenStream) -> TokenStream {
    let (runtime, (req, _)) = (container.runtime.at(slot.service.span()), lifetime(container));
    let (ty, mut field) = (&slot.ty, slot.field.clone());
    field.set_span(field.span().located_at(last(ty)));
    // The place of the type, and the hygiene of the method's `self`.
    let field = quote_spanned!(slot.service.span().located_at(ty.span())=> &self.#field);
    let end = quote_spanned!(last(&slot.service)=> >);
    quote_spanned! {slot.service.span()=>
        <#runtime::The<_ #end as #runtime::KeptBy<#req, _, #ty>>::ask(#first_tool, #field, self)
    }
}

/// The tool on whose behalf a slot is asked for: of a scope that tools can be called in the compiler finds out which.
fn first_tool(container: &Container, place: usize) -> TokenStream {
    let runtime = container.runtime.path();
    if !takes_tools(container) {
        return quote!(#runtime::__private::core::marker::PhantomData::<Self>);
    }
    let found = hidden("FirstTool");
    quote!(#found::at::<{ #found::FIRST.to(#place) }, Self>())
}

/// The place of the last token of a type.
pub(super) fn last(ty: &Type) -> Span {
    ty.to_token_stream().into_iter().last().map_or_else(|| ty.span(), |token| token.span())
}

/// What the parent provides, this scope provides.
pub(super) fn inherit(container: &Container, parent: &Parent) -> TokenStream {
    let runtime = container.runtime.path();
    let Container { name, generics, .. } = container;
    let Some(req) = &container.lifetime else { return TokenStream::new() };
    let (_, ty_generics, _) = generics.split_for_impl();
    let Parent { field, ty, scope, inherits } = parent;
    let outer = match ty {
        Type::Reference(reference) => reference.lifetime.clone(),
        _ => None,
    };
    let outer = outer.unwrap_or_else(|| req.clone());
    let mut generics = generics.clone();
    if outer != *req {
        generics.make_where_clause().predicates.push(parse_quote!(#outer: #req));
    }
    let answer = |service: &TokenStream| {
        let asked = quote!(<#scope as #runtime::Provides<#outer, #service>>::provide(self.#field));
        if outer == *req { asked } else { quote!(#runtime::Ready::shorten(#asked)) }
    };
    let silent = silent(container.no_prelude);
    if let Some(listed) = inherits {
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let each = listed.iter().map(|service| {
            let service = with_lifetime(service, &outer, Also::Nothing);
            let answer = answer(&quote!(#service));
            quote! {
                #silent
                impl #impl_generics #runtime::Provides<#req, #service> for #name #ty_generics #where_clause {
                    #[inline]
                    fn provide(&#req self) -> #runtime::__private::Asked<#req, #service> {
                        #answer
                    }
                }
            }
        });
        return quote!(#(#each)*);
    }
    let mut service = type_parameter("AnyService", quote!(#name #scope));
    service.set_span(service.span().located_at(scope.span()));
    generics.params.push(parse_quote!(#service: ?#runtime::__private::core::marker::Sized + #outer));
    generics.make_where_clause().predicates.push(parse_quote!(#scope: #runtime::Provides<#outer, #service>));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let answer = answer(&quote!(#service));
    // As if written at the parent: that is what provides the same as a field, where two do.
    let at = container.runtime.at(scope.span());
    quote_spanned! {scope.span()=>
        #silent
        impl #impl_generics #at::Provides<#req, #service> for #name #ty_generics #where_clause {
            #[inline]
            fn provide(&#req self) -> #at::__private::Asked<#req, #service> {
                #answer
            }
        }
    }
}
