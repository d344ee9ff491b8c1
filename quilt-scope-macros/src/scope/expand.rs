//! What it becomes: `open`, a `Provides` for each field, the graph as data and its check.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Type, parse_quote};

use super::captive::captive;
use super::check::{Container, Given, SlotField, seen_through};
use super::provides::{inherit, last, provide_seed, provide_slot};
use crate::attributes::{hidden, type_parameter};
use crate::injected::type_name;
use crate::paths::{allow_absolute_paths, silent};

pub(super) fn expand(container: &Container) -> TokenStream {
    let open = open(container);
    let runtime = container.runtime.path();
    let scope = scope_impl(container);
    let keeps = keeps(container);
    let tools = container_impl(container);
    let provides = container
        .seeds
        .iter()
        .map(|seed| provide_seed(container, seed))
        .chain((0..container.slots.len()).map(|i| provide_slot(container, i)));
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
            #[allow(unused_imports, reason = "what is found out may be inherent")]
            use #runtime::__private::{NoTable as _, OneProvider as _};
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
///
/// The condition holds for every scope. Of one that keeps what is no service it is unknown, and in a function where something is
/// unknown the compiler does not look at what is dropped, so that the mistake is not told there as well.
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
            #visibility fn open(#(#parameters),*) -> Self
            where
                Self: #runtime::WholeScope,
            {
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
        // At the type, for what it lacks is said there.
        let (at, given) = (container.runtime.at(seed.ty.span()), &seed.ty);
        quote_spanned!(given.span()=> (#field, #at::given::<#given>(#ty)))
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
pub(super) fn of_field(
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
    let (service, mut generics) = (type_parameter("AnyService", name), generics.clone());
    generics.params.push(parse_quote!(#service));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = container.generics.split_for_impl();
    let silent = silent(container.no_prelude);
    let lifetime = if container.parent.is_some() { quote!(RequestScoped) } else { quote!(Singleton) };
    quote! {
        #silent
        impl #impl_generics #runtime::lifetime::Keeps<#runtime::lifetime::#lifetime, #service> for #name #ty_generics #where_clause {}
        #silent
        impl #impl_generics #runtime::lifetime::Keeps<#runtime::lifetime::Transient, #service> for #name #ty_generics #where_clause {}
    }
}

/// What a table of tools asks for.
fn container_impl(container: &Container) -> TokenStream {
    let runtime = container.runtime.path();
    let name = &container.name;
    if !takes_tools(container) {
        return TokenStream::new();
    }
    let first_tool = hidden("FirstTool");
    quote! {
        type #first_tool = #runtime::__private::FirstTool<#name<'static>>;
        impl #runtime::Container for #name<'static> {
            type Scope<'req> = #name<'req>;
            type Whole = <#name<'static> as #runtime::Scope>::Whole;
        }
    }
}

/// A scope with exactly one lifetime can be opened for any request, so tools can be called in it.
pub(super) fn takes_tools(container: &Container) -> bool {
    container.generics.lifetimes().count() == 1
}

fn order_check(container: &Container, slot: usize) -> TokenStream {
    let name = &container.name;
    let span = container.slots[slot].service.span();
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
