//! The way to our own crate.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// Where the expansion finds `quilt_scope`: `::quilt_scope`, unless an option `crate = path` says otherwise.
#[derive(Clone)]
pub(crate) struct Runtime(Option<syn::Path>);

impl Runtime {
    pub(crate) fn new(path: Option<syn::Path>) -> Self {
        Self(path)
    }

    /// The path, with the span of the thing it serves, so that an error about it points there.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        match &self.0 {
            Some(path) => quote!(#path),
            None => quote_spanned!(span=> ::quilt_scope),
        }
    }

    pub(crate) fn path(&self) -> TokenStream {
        self.at(Span::call_site())
    }
}

/// What goes before each `const _` of an expansion.
pub(crate) fn allow_absolute_paths(span: Span) -> TokenStream {
    quote_spanned! {span=>
        #[allow(unused_qualifications, reason = "every path is absolute, so that nothing in scope is in its way")]
    }
}

/// Keeps an implementation out of messages, which would list them all. The attribute comes with the prelude.
pub(crate) fn silent(no_prelude: bool) -> TokenStream {
    if no_prelude { TokenStream::new() } else { quote!(#[diagnostic::do_not_recommend]) }
}
