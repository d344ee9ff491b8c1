//! What it becomes: `open`, a `Provides` for each field, the graph as data and its check.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Lifetime, Type, parse_quote};

use super::captive::captive;
use super::check::{Container, Given, Parent, SlotField, seen_through};
use crate::attributes::type_parameter;
use crate::injected::type_name;
use crate::lifetimes::{Also, with_lifetime};
use crate::paths::{allow_absolute_paths, silent};

pub(super) fn expand(container: &Container) -> TokenStream {
    let open = open(container);
    let scope = scope_impl(container);
    let keeps = keeps(container);
    let tools = container_impl(container);
    let provides = container
        .seeds
        .iter()
        .map(|seed| provide_seed(container, seed))
        .chain(container.slots.iter().map(|slot| provide_slot(container, slot)));
    let inherits = container.parent.iter().map(|parent| inherit(container, parent));
    // Not of one that lists what it inherits: it may keep what its parent provides too, and the two would overlap.
    let captives = container.parent.iter().filter(|parent| parent.inherits.is_none()).flat_map(|parent| {
        let given = container.seeds.iter().map(|seed| seen_through(&seed.ty));
        let built = container.slots.iter().map(|slot| &slot.service);
        given.chain(built).map(|service| captive(container, parent, service))
    });
    let checks = (0..container.slots.len()).map(|i| order_check(container, i));
    let allow = allow_absolute_paths(Span::call_site());
    quote! {
        #open
        #allow
        const _: () = {
            #scope
            #keeps
            #tools
            #(#provides)*
            #(#inherits)*
            #(#captives)*
        };
        #(#checks)*
    }
}

/// `open(parent, observer, seeds..)`, in the order of the fields; slots start empty.
fn open(container: &Container) -> TokenStream {
    let runtime = container.runtime.path();
    let Container { name, visibility, generics, .. } = container;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let slots = container.slots.iter().map(|slot| &slot.field);
    let own: Vec<_> = slots.chain(&container.markers).collect();
    let empty = container.slots.iter().map(|slot| {
        let (field, empty) = (&slot.field, of_field(container, slot, "Field", "empty", Some(quote!())));
        quote!(#field: #empty)
    });
    let markers = &container.markers;
    let given = container.order.iter().filter(|field| !own.contains(field));
    let parameters = given.clone().map(|field| {
        let parent = container.parent.iter().map(|parent| (&parent.field, &parent.ty));
        let others = container.observer.iter().chain(&container.seeds).map(|given| (&given.field, &given.ty));
        let (_, ty) = parent.chain(others).find(|(own, _)| *own == field).expect("every field has a role");
        quote!(#field: #ty)
    });
    let doc = format!("Opens a `{name}`. Nothing is built until it is asked for.");
    quote! {
        impl #impl_generics #name #ty_generics #where_clause {
            #[doc = #doc]
            #[allow(clippy::too_many_arguments, reason = "as many as the scope has seeds")]
            #[must_use]
            #[inline]
            #visibility fn open(#(#parameters),*) -> Self {
                Self {
                    #(#given,)*
                    #(#empty,)*
                    #(#markers: #runtime::__private::core::default::Default::default(),)*
                }
            }

            /// The service `T` of this scope, built now if it has not been built yet.
            #[allow(dead_code, reason = "a scope may be used by tools alone")]
            #[inline]
            #visibility fn get<'__get, __T>(&'__get self) -> #runtime::__private::Asked<'__get, __T>
            where
                __T: ?#runtime::__private::core::marker::Sized + '__get,
                Self: #runtime::Provides<'__get, __T>,
            {
                <Self as #runtime::Provides<'__get, __T>>::provide(self)
            }
        }
    }
}

fn scope_impl(container: &Container) -> TokenStream {
    let runtime = container.runtime.path();
    let Container { name, generics, .. } = container;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let (observer_type, observer) = match &container.observer {
        Some(Given { field, ty: Type::Reference(reference), .. }) => {
            let ty = &reference.elem;
            (quote!(#ty), quote!(self.#field))
        }
        Some(Given { field, ty, .. }) => (quote!(#ty), quote!(&self.#field)),
        None => (quote!(()), quote!(&())),
    };
    let scope_name = name.to_string();
    let parents = container.parent.iter().map(|parent| {
        let scope = &parent.scope;
        quote!(.under(<#scope as #runtime::Scope>::GRAPH))
    });
    let here = container.runtime.at(name.span());
    // Of nothing that has a mistake in it, for then the length cannot be counted.
    let shared = quote_spanned! {name.span()=>
        impl #impl_generics #here::Shareable<#name #ty_generics, [(); 1]>
            for <<#name #ty_generics as #here::Scope>::Whole as #here::__private::Then<#name #ty_generics>>::Itself
        #where_clause {}
    };
    let statics = container.generics.lifetimes().map(|_| quote!('static));
    let under = match &container.parent {
        Some(parent) => parent.scope.to_token_stream(),
        None => quote!(#runtime::__private::core::boxed::Box<Self>),
    };
    let seeds = container.seeds.iter().map(|seed| {
        let (field, ty) = (seed.field.to_string(), type_name(seen_through(&seed.ty)));
        quote!((#field, #ty))
    });
    let nodes = container.slots.iter().map(|slot| {
        let field = slot.field.to_string();
        let info = of_field(container, slot, "Field", "INFO", None);
        let also = slot.provides.iter().map(type_name);
        quote!(#runtime::__private::Node::new(#field, #info, &[#(#also),*]))
    });
    let unclosed = container.slots.iter().enumerate().map(|(i, slot)| {
        let field = &slot.field;
        let unclosed = of_field(container, slot, "Closes", "unclosed", Some(quote!(&self.#field, #i, __out)));
        quote!(#unclosed;)
    });
    quote! {
        impl #impl_generics #runtime::Scope for #name #ty_generics #where_clause {
            type Observer = #observer_type;
            type Whole = [(); #runtime::__private::one(<#name<#(#statics),*> as #runtime::Scope>::GRAPH)];
            const SLOTS: &'static [#runtime::__private::Node] = &[#(#nodes),*];
            const GRAPH: &'static #runtime::__private::Graph =
                &#runtime::__private::Graph::new(#scope_name, &[#(#seeds),*], Self::SLOTS)#(#parents)*;
            #[inline]
            fn observer(&self) -> &Self::Observer {
                #observer
            }
            #[allow(unused_variables, reason = "a scope may have no slots")]
            fn unclosed<'__s>(&'__s self, __out: &mut #runtime::__private::ToClose<'__s>) {
                #(#unclosed)*
            }
        }
        impl #impl_generics #runtime::__private::Nested for #name #ty_generics #where_clause {
            type Under = #under;
        }
        #shared
    }
}

/// `<Slot<Auth> as Field>::empty(..)`, from the first token of the type that is written there to its last.
fn of_field(
    container: &Container,
    slot: &SlotField,
    of: &str,
    what: &str,
    called_with: Option<TokenStream>,
) -> TokenStream {
    let ty = &slot.ty;
    let first = ty.span();
    let last = last(ty);
    let runtime = container.runtime.at(first);
    let (of, what) = (Ident::new(of, first), Ident::new(what, last));
    let call = called_with.map(|arguments| quote_spanned!(last=> (#arguments)));
    quote_spanned!(first=> <#ty as #runtime::__private::#of>::#what #call)
}

/// Which lifetimes belong in this scope.
fn keeps(container: &Container) -> TokenStream {
    let runtime = container.runtime.path();
    let Container { name, generics, .. } = container;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let silent = silent(container.no_prelude);
    let lifetime = if container.parent.is_some() { quote!(RequestScoped) } else { quote!(Singleton) };
    quote! {
        #silent
        impl #impl_generics #runtime::lifetime::Keeps<#runtime::lifetime::#lifetime> for #name #ty_generics #where_clause {}
        #silent
        impl #impl_generics #runtime::lifetime::Keeps<#runtime::lifetime::Transient> for #name #ty_generics #where_clause {}
    }
}

/// A scope with exactly one lifetime can be opened for any request, so tools can be called in it.
fn container_impl(container: &Container) -> TokenStream {
    let runtime = container.runtime.path();
    let name = &container.name;
    if container.generics.lifetimes().count() != 1 {
        return TokenStream::new();
    }
    quote! {
        impl #runtime::Container for #name<'static> {
            type Scope<'req> = #name<'req>;
        }
    }
}

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

pub(super) fn provide(container: &Container, service: &Type, answer: &TokenStream) -> TokenStream {
    let name = &container.name;
    let (req, generics) = lifetime(container);
    let runtime = container.runtime.at(service.span());
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

fn provide_seed(container: &Container, seed: &Given) -> TokenStream {
    let runtime = container.runtime.path();
    let field = &seed.field;
    let service = seen_through(&seed.ty);
    let is_pointer = !std::ptr::eq(service, &seed.ty);
    let value = if is_pointer { quote!(&*self.#field) } else { quote!(&self.#field) };
    let own = provide(container, service, &quote!(#runtime::Ready::now(#value)));
    let also =
        seed.provides.iter().map(|object| provide(container, object, &quote!(#runtime::Ready::now(#value))));
    quote!(#own #(#also)*)
}

fn provide_slot(container: &Container, slot: &SlotField) -> TokenStream {
    let runtime = container.runtime.path();
    let (req, _) = lifetime(container);
    let asked = asked(container, slot);
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
        provide(container, object, &answer)
    });
    let own = provide(container, &slot.service, &quote!(#known; #answer));
    quote!(#own #(#also)*)
}

/// `<The<_> as KeptBy<'req, Self, Slot<Auth>>>::ask(&self.auth, self)`, where `The<_>` has the place of the service, for that is where
/// to say what it lacks, and the field that of its type. That `_` is the service follows from what is done with the answer.
fn asked(container: &Container, slot: &SlotField) -> TokenStream {
    let (runtime, (req, _)) = (container.runtime.at(slot.service.span()), lifetime(container));
    let (ty, mut field) = (&slot.ty, slot.field.clone());
    field.set_span(field.span().located_at(last(ty)));
    // The place of the type, and the hygiene of the method's `self`.
    let field = quote_spanned!(slot.service.span().located_at(ty.span())=> &self.#field);
    let end = quote_spanned!(last(&slot.service)=> >);
    quote_spanned! {slot.service.span()=>
        <#runtime::The<_ #end as #runtime::KeptBy<#req, Self, #ty>>::ask(#field, self)
    }
}

/// The place of the last token of a type.
fn last(ty: &Type) -> Span {
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

fn order_check(container: &Container, slot: usize) -> TokenStream {
    let name = &container.name;
    let span = container.slots[slot].ty.span();
    let runtime = container.runtime.at(span);
    let statics = container.generics.lifetimes().map(|_| quote!('static));
    // Beside the others, and not among them, for a message shows where it stands: `_`, and not `_::_`.
    let allow = allow_absolute_paths(span);
    quote_spanned! {span=>
        #allow
        const _: () = #runtime::__private::assert_slot_in_order(
            <#name<#(#statics),*> as #runtime::Scope>::GRAPH,
            #slot,
        );
    }
}
