//! `#[scoped_tool]`

mod blocking;
mod check;
mod expand;
mod lengths;
mod literals;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::diagnostics::{Errors, compile_error};

/// Parse, check, expand; the user's function is emitted in any case.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut written = match parse::parse(item) {
        Ok(written) => written,
        Err(error) => return compile_error(&error),
    };
    let given = check::give_accessors(options.clone(), &mut written);
    let generated = match (given, check::check(options.clone(), &written)) {
        (Ok(()), Ok(tool)) => expand::expand(&tool),
        (given, checked) => {
            let mut errors = Errors::default();
            errors.keep(given);
            errors.keep(checked);
            let error = errors.as_result().err();
            let error = error.iter().map(compile_error);
            // Among methods there can be no type that stands in for the tool.
            let stand_in = match written.function.sig.receiver() {
                Some(_) => TokenStream::new(),
                None => expand::stand_in(&written.function, &check::runtime(options)),
            };
            quote!(#(#error)* #stand_in)
        }
    };
    let function = &written.function;
    quote! {
        #[allow(clippy::needless_pass_by_value, reason = "what a tool takes by value is its input")]
        #function
        #generated
    }
}
