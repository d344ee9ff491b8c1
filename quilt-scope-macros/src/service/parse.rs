//! What was written: an `impl` block.

use proc_macro2::TokenStream;

pub(super) fn parse(item: TokenStream) -> syn::Result<syn::ItemImpl> {
    syn::parse2(item)
}
