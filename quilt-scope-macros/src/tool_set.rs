//! `tool_set!`, behind the macro of that name that `quilt-scope` exports and that passes on where it is.
//!
//! A procedural macro, so that each line of the table has the place of the tool it stands for: what is wrong with one
//! tool is reported at that tool.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Path, Token};

use crate::diagnostics::compile_error;
use crate::paths::Runtime;

/// `$crate; tool, tool`
struct Table {
    runtime: Runtime,
    tools: Punctuated<Path, Token![,]>,
}

impl Parse for Table {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let runtime = Runtime::new(Some(input.parse()?));
        input.parse::<Token![;]>()?;
        Ok(Self { runtime, tools: Punctuated::parse_terminated(input)? })
    }
}

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let Table { runtime, tools } = match syn::parse2(tokens) {
        Ok(table) => table,
        Err(error) => return compile_error(&error),
    };
    let runtime = runtime.path();
    let names = tools.iter().map(|tool| {
        quote_spanned!(tool.span()=> #runtime::__private::ToolName::new(<#tool as #runtime::Named>::NAME))
    });
    let new = tools.iter().enumerate().map(|(place, tool)| {
        // By a name that has the place of the tool, which `$crate` cannot have.
        quote_spanned!(tool.span()=> const _: () = __quilt_scope_private::assert_new_name(__QUILT_SCOPE_NAMES, #place);)
    });
    let entries =
        tools.iter().map(|tool| quote_spanned!(tool.span()=> <#tool as #runtime::Listed<_>>::entry()));
    quote::quote! {{
        #[allow(unused_imports, reason = "a table may be empty")]
        use #runtime::__private as __quilt_scope_private;
        const __QUILT_SCOPE_NAMES: &[#runtime::__private::ToolName] = &[#(#names),*];
        #(#new)*
        #runtime::ToolSet::from_table(&[#(#entries),*])
    }}
}
