//! `#[derive(Scope)]`

mod captive;
mod check;
mod expand;
mod parse;
mod provides;
mod stand_in;

use proc_macro2::TokenStream;

use crate::diagnostics::compile_error;

/// Parse, check, expand; what has a mistake is there in name.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    match parse::parse(item).map(|written| check::check(&written)) {
        Ok((container, Ok(()))) => expand::expand(&container),
        Ok((container, Err(error))) => stand_in::stand_in(&container, &error),
        Err(error) => compile_error(&error),
    }
}
