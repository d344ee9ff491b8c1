//! `#[service]`

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::diagnostics::compile_error;

/// Parse, check, expand; the user's block is emitted in any case.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let block = match parse::parse(item) {
        Ok(block) => block,
        Err(error) => return compile_error(&error),
    };
    let generated = match check::check(options.clone(), &block) {
        Ok(service) => expand::expand(&service),
        Err(error) => {
            let error = compile_error(&error);
            let stand_in = check::stand_in(options, &block).map(|service| expand::stand_in(&service));
            quote!(#error #stand_in)
        }
    };
    quote!(#block #generated)
}
