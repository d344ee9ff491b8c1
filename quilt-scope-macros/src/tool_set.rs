//! `tool_set!`, behind the macro of that name that `quilt-scope` exports and that passes on where it is.
//!
//! A procedural macro, so that each line of the table has the place of the tool it stands for: what is wrong with one
//! tool is reported at that tool.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Path, Token, Type};

use crate::attributes::hidden;
use crate::diagnostics::compile_error;
use crate::paths::Runtime;

/// `$crate; tool, tool` or `$crate; Container: tool, tool`
struct Table {
    runtime: Runtime,
    container: Option<Type>,
    tools: Punctuated<Path, Token![,]>,
}

impl Parse for Table {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let runtime = Runtime::new(Some(input.parse()?));
        input.parse::<Token![;]>()?;
        let ahead = input.fork();
        let container = if ahead.parse::<Type>().is_ok() && ahead.peek(Token![:]) {
            let container = input.parse()?;
            input.parse::<Token![:]>()?;
            Some(container)
        } else {
            None
        };
        Ok(Self { runtime, container, tools: Punctuated::parse_terminated(input)? })
    }
}

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let Table { runtime, container, tools } = match syn::parse2(tokens) {
        Ok(table) => table,
        Err(error) => return compile_error(&error),
    };
    let named = container.iter().map(|container| named(&runtime, container, &tools));
    let container = container.as_ref().map_or_else(|| quote!(_), |container| quote!(#container));
    let runtime = runtime.path();
    let names = tools.iter().map(|tool| {
        quote_spanned!(tool.span()=> #runtime::__private::ToolName::new(<#tool as #runtime::Named>::NAME))
    });
    let new = tools.iter().enumerate().map(|(place, tool)| {
        // By a name that has the place of the tool, which `$crate` cannot have.
        quote_spanned!(tool.span()=> const _: () = __quilt_scope_private::assert_new_name(__QUILT_SCOPE_NAMES, #place);)
    });
    let entries = tools
        .iter()
        .map(|tool| quote_spanned!(tool.span()=> <#tool as #runtime::Listed<#container>>::entry()));
    quote! {{
        #[allow(unused_imports, reason = "a table may be empty")]
        use #runtime::__private as __quilt_scope_private;
        const __QUILT_SCOPE_NAMES: &[#runtime::__private::ToolName] = &[#(#names),*];
        #(#new)*
        #(#named)*
        #runtime::ToolSet::from_table(&[#(#entries),*])
    }}
}

/// Tells the container which tools it is asked by, so that a message about one of its services can name one.
///
/// For each there is a type of its name, that others may see: the tool itself may be private, and the container elsewhere. In a block of
/// their own they are not in the way of the tools; what else there is named there goes by names that no tool has.
fn named(runtime: &Runtime, container: &Type, tools: &Punctuated<Path, Token![,]>) -> TokenStream {
    let (at, runtime) = (runtime.at(container.span()), runtime.path());
    let (scope, table) = (hidden("Scope"), hidden("Table"));
    let taken = tools.iter().map(|tool| quote_spanned!(tool.span()=> <#tool as #runtime::Named>::SERVICES));
    let mut seen: Vec<String> = Vec::new();
    let places = tools.iter().enumerate().filter_map(|(place, tool)| {
        let name = &tool.segments.last()?.ident;
        let text = name.to_string();
        let new = !seen.contains(&text);
        seen.push(text);
        // By its place, so that the second of a name is nobody.
        Some(if new {
            quote! {
                #[allow(non_camel_case_types, unreachable_pub, dead_code, reason = "goes by the name of the tool")]
                pub enum #name {}
                impl<AnyScope> #runtime::__private::At<#place, AnyScope> for #table {
                    type For = #runtime::ForTool<#name, AnyScope>;
                }
            }
        } else {
            quote! {
                impl<AnyScope> #runtime::__private::At<#place, AnyScope> for #table {
                    type For = AnyScope;
                }
            }
        })
    });
    quote_spanned! {container.span()=>
        type #scope = #container;
        #[allow(unreachable_pub, dead_code, reason = "not seen by its name")]
        pub enum #table {}
        #[allow(non_local_definitions, reason = "a table is written where it is used")]
        impl #at::NamedByOneTable<#at::RemoveTheNameFromTheOther> for #scope {
            type Table = #table;
            const TAKEN: &'static [&'static [&'static str]] = &[#(#taken),*];
        }
        { #(#places)* }
    }
}
