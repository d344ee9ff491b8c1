//! Entry points of the macros. Documented where `quilt-scope` re-exports them.

use proc_macro::TokenStream;
use quote::ToTokens;

/// Stand-in: strips parameter attributes and leaves the function as it is.
#[proc_macro_attribute]
pub fn scoped_tool(_: TokenStream, item: TokenStream) -> TokenStream {
    let mut f = syn::parse_macro_input!(item as syn::ItemFn);
    for arg in &mut f.sig.inputs {
        match arg {
            syn::FnArg::Typed(t) => t.attrs.clear(),
            syn::FnArg::Receiver(r) => r.attrs.clear(),
        }
    }
    f.into_token_stream().into()
}

/// Stand-in: leaves the block as it is.
#[proc_macro_attribute]
pub fn service(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
