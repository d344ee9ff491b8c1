//! `#[derive(Scope)]`

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;

use crate::diagnostics::compile_error;

/// Parse, check, expand.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    match parse::parse(item).and_then(|written| check::check(&written)) {
        Ok(container) => expand::expand(&container),
        Err(error) => compile_error(&error),
    }
}
