//! `#[scoped_tool]`

mod blocking;
mod check;
mod expand;
mod lengths;
mod literals;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::diagnostics::compile_error;

/// Parse, check, expand; the user's function is emitted in any case.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let written = match parse::parse(item) {
        Ok(written) => written,
        Err(error) => return compile_error(&error),
    };
    let generated = match check::check(options.clone(), &written) {
        Ok(tool) => expand::expand(&tool),
        Err(error) => {
            let error = compile_error(&error);
            // Among methods there can be no type that stands in for the tool.
            let stand_in = match written.function.sig.receiver() {
                Some(_) => TokenStream::new(),
                None => expand::stand_in(&written.function, &check::runtime(options)),
            };
            quote!(#error #stand_in)
        }
    };
    let function = &written.function;
    quote! {
        #[allow(clippy::needless_pass_by_value, reason = "what a tool takes by value is its input")]
        #function
        #generated
    }
}
