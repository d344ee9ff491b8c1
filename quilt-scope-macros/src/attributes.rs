//! Options in brackets: words, and words with a value; unknown and repeated ones are refused.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, Token, ext::IdentExt as _};

use crate::diagnostics::{self, Errors};

/// One option: `word`, `word = tokens` or `word(tokens)`.
pub(crate) struct Opt {
    pub(crate) name: Ident,
    value: Option<TokenStream>,
}

impl Parse for Opt {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = Ident::parse_any(input)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(tokens_to_comma(input)?)
        } else if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Some(content.parse()?)
        } else {
            None
        };
        Ok(Self { name, value })
    }
}

fn tokens_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

/// The options of one attribute, each at most once.
pub(crate) struct Options {
    of: &'static str,
    options: Vec<Opt>,
}

impl Options {
    /// Parses `tokens` and refuses what is not in `known`, and what is there twice.
    pub(crate) fn parse(tokens: TokenStream, of: &'static str, known: &[&str], errors: &mut Errors) -> Self {
        let parsed = Punctuated::<Opt, Token![,]>::parse_terminated.parse2(tokens);
        let mut options: Vec<Opt> = Vec::new();
        for option in errors.keep(parsed).into_iter().flatten() {
            if !known.iter().any(|word| option.name == word) {
                errors.push(diagnostics::unknown_option(&option.name, of, known));
            } else if options.iter().any(|earlier| earlier.name == option.name) {
                errors.push(diagnostics::repeated_option(&option.name, of));
            } else {
                options.push(option);
            }
        }
        Self { of, options }
    }

    /// Further options of the same item, from another attribute of it.
    pub(crate) fn merge(&mut self, other: Self, errors: &mut Errors) {
        for option in other.options {
            if self.options.iter().any(|earlier| earlier.name == option.name) {
                errors.push(diagnostics::repeated_option(&option.name, self.of));
            } else {
                self.options.push(option);
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Opt> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Where the option stands, if it does.
    pub(crate) fn name_of(&self, name: &str) -> Option<&Ident> {
        self.find(name).map(|option| &option.name)
    }

    /// Where the word stands, if it does. It takes no value.
    pub(crate) fn word(&self, name: &str, errors: &mut Errors) -> Option<Ident> {
        let option = self.find(name)?;
        if option.value.is_some() {
            errors.push(diagnostics::option_takes_no_value(&option.name));
        }
        Some(option.name.clone())
    }

    /// The value of the option, if it stands there. `example` shows how to write one.
    pub(crate) fn value<T: Parse>(&self, name: &str, example: &str, errors: &mut Errors) -> Option<T> {
        let option = self.find(name)?;
        let Some(tokens) = &option.value else {
            errors.push(diagnostics::option_needs_value(&option.name, example));
            return None;
        };
        let wrong = || diagnostics::option_of_another_kind(&option.name, tokens, example);
        errors.keep(syn::parse2(tokens.clone()).map_err(|_| wrong()))
    }

    /// The values of a bracketed list.
    pub(crate) fn list<T: Parse>(&self, name: &str, example: &str, errors: &mut Errors) -> Option<Vec<T>> {
        let option = self.find(name)?;
        let Some(tokens) = &option.value else {
            errors.push(diagnostics::option_needs_value(&option.name, example));
            return None;
        };
        let parsed = Punctuated::<T, Token![,]>::parse_terminated.parse2(tokens.clone());
        errors.keep(parsed).map(|items| items.into_iter().collect())
    }
}

/// The options of every attribute called `of` among `attributes`.
pub(crate) fn options_of(
    attributes: &[syn::Attribute],
    of: &'static str,
    known: &[&str],
    errors: &mut Errors,
) -> Options {
    let mut all = Options { of, options: Vec::new() };
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(of)) {
        if let Some(list) = errors.keep(attribute.meta.require_list().cloned()) {
            let options = Options::parse(list.tokens, of, known, errors);
            all.merge(options, errors);
        }
    }
    all
}

/// The text of the doc comments among `attributes`, without the leading space of each line.
pub(crate) fn doc_text(attributes: &[syn::Attribute]) -> String {
    let lines =
        attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
            let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
            let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else {
                return None;
            };
            let text = text.value();
            Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
        });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A type parameter that only the expansion knows, called `name` since messages show it; another where the user's own
/// item has something of that name.
pub(crate) fn type_parameter(name: &str, item: impl ToTokens) -> Ident {
    let item = item.into_token_stream();
    let mut name = name.to_owned();
    while mentions(&item, &name) {
        name.push('_');
    }
    Ident::new(&name, Span::mixed_site())
}

fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}

/// A name for something that exists only in the expansion.
pub(crate) fn hidden(name: &str) -> Ident {
    Ident::new(&format!("__quilt_scope_{name}"), Span::mixed_site())
}
