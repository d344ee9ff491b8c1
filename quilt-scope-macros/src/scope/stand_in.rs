//! What a container with a mistake in it becomes: one that is at peace with every use, so that the mistake is the only error.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::Type;

use super::check::{Container, seen_through};
use super::provides::{inherit, provide};
use crate::attributes::hidden;
use crate::paths::allow_absolute_paths;

/// A container in name only.
///
/// `open` is not a function but a constant without a type: its type has an error in it, the one that is reported. What the
/// compiler has reported once it lets pass, whatever the scope is opened with and whatever is asked of it then.
pub(super) fn stand_in(container: &Container, error: &syn::Error) -> TokenStream {
    let runtime = container.runtime.path();
    let Container { name, visibility, generics, .. } = container;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let mut errors: Vec<_> = error.into_iter().map(|error| error.to_compile_error()).collect();
    // The last, since what stands in a type is reported after the others.
    let (last, mistake) = (errors.pop(), hidden("Mistake"));
    let scope = generics.type_params().next().is_none().then(|| scope(container, &mistake));
    let allow = allow_absolute_paths(Span::call_site());
    quote! {
        #(#errors)*
        #allow
        const _: () = {
            type #mistake = <[(); #last] as #runtime::__private::Mistaken>::Instead;
            #[allow(non_upper_case_globals, missing_docs, dead_code, clippy::empty_loop, reason = "stands in for a scope with a mistake in it")]
            impl #impl_generics #name #ty_generics #where_clause {
                #visibility const open: #mistake = loop {};
                #visibility fn get<__T: ?#runtime::__private::core::marker::Sized>(&self) -> #mistake {
                    loop {}
                }
            }
            #scope
        };
    }
}

/// What functions ask of a scope that they are given, what a narrower scope asks of it, and what a table of tools asks.
fn scope(container: &Container, mistake: &syn::Ident) -> TokenStream {
    let runtime = container.runtime.path();
    let Container { name, generics, .. } = container;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let never = quote!(#runtime::__private::never());
    let mut seen: Vec<String> = Vec::new();
    let given = container.seeds.iter().map(|seed| (seen_through(&seed.ty), &seed.provides));
    let built = container.slots.iter().map(|slot| (&slot.service, &slot.provides));
    let unclear = container.unclear.iter().map(seen_through);
    let types = given
        .chain(built)
        .flat_map(|(ty, also)| [Some(ty), also.as_ref()].into_iter().flatten())
        .chain(unclear);
    let provides: Vec<_> = types
        .filter(|ty: &&Type| {
            let text = ty.to_token_stream().to_string();
            let new = !seen.contains(&text);
            seen.push(text);
            new
        })
        .map(|ty| provide(container, ty, None, &never))
        .collect();
    let inherits = container.parent.iter().map(|parent| inherit(container, parent));
    let tools = match generics.lifetimes().count() {
        1 => quote! {
            impl #runtime::Container for #name<'static> {
                type Scope<'req> = #mistake;
                type Whole = #mistake;
            }
        },
        _ => TokenStream::new(),
    };
    let scope_name = name.to_string();
    quote! {
        impl #impl_generics #runtime::Scope for #name #ty_generics #where_clause {
            type Observer = ();
            type Whole = [(); 1];
            const SLOTS: &'static [#runtime::__private::Node] = &[];
            const GRAPH: &'static #runtime::__private::Graph = &#runtime::__private::Graph::new(
                #scope_name, &[], Self::SLOTS,
            );
            fn observer(&self) -> &() {
                &()
            }
            fn unclosed<'__s>(&'__s self, _: &mut #runtime::__private::ToClose<'__s>) {}
        }
        impl #impl_generics #runtime::__private::Nested for #name #ty_generics #where_clause {
            type Under = #runtime::__private::core::boxed::Box<Self>;
        }
        impl #impl_generics #runtime::Shareable<Self, [(); 1]> for #name #ty_generics #where_clause {}
        #tools
        #(#provides)*
        #(#inherits)*
    }
}
