//! Every message the macros can print, a file a subject, and the sink that collects them.
//!
//! A message starts lower case, names the user's own identifier in backticks, says what to write instead, and ends
//! without a full stop. Each has a case in `ui-tests`.

mod accessors;
mod containers;
mod literals;
mod options;
mod services;
mod signatures;
mod spelling;

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Error, Meta};

pub(crate) use accessors::*;
pub(crate) use containers::*;
pub(crate) use literals::*;
pub(crate) use options::*;
pub(crate) use services::*;
pub(crate) use signatures::*;

/// Collects mistakes, so that one does not hide another.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The value if it is right; otherwise the mistake is collected.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// The mistakes so far.
    pub(crate) fn as_result(&self) -> syn::Result<()> {
        self.0.clone().map_or(Ok(()), Err)
    }

    /// Nothing is generated from a part that had mistakes.
    pub(crate) fn finish<T>(self, value: Option<T>) -> syn::Result<T> {
        match (self.0, value) {
            (None, Some(value)) => Ok(value),
            (Some(error), _) => Err(error),
            (None, None) => unreachable!("a part is missing only after a mistake"),
        }
    }
}

fn at(place: impl ToTokens, message: impl Display) -> Error {
    Error::new_spanned(place, message)
}

/// What an attribute says in its brackets; of one that says nothing its name. Never all of it, for `#[..]` is no mistake.
fn said(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) if !list.tokens.is_empty() => list.tokens.clone(),
        meta => meta.path().to_token_stream(),
    }
}

/// The tokens that make the compiler print `error`.
pub(crate) fn compile_error(error: &Error) -> TokenStream {
    error.to_compile_error()
}

/// Tokens as people write them, without spaces.
fn joined(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}
