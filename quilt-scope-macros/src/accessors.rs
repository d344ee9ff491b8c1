//! Services that a body asks for by calling a function, as code written against singletons does.
//!
//! The function is given the services as parameters in front, and its body begins with a closure for each, of the name
//! that the body calls. From there on it is an ordinary function with injected parameters.

pub(crate) mod body;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{FnArg, Ident, ItemFn, Pat, Token, Type, parse_quote, parse_quote_spanned};

use crate::attributes::Options;
use crate::diagnostics::{self, Errors};
use crate::injected::{self, Kind};
use crate::paths::Runtime;

/// `auth_service: AuthService<'_>`
pub(crate) struct Accessor {
    pub(crate) name: Ident,
    written: Type,
    /// The type of the parameter that is given to the function: a reference, or `Lazy`.
    parameter: Type,
}

impl Parse for Accessor {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse().map_err(|error| diagnostics::accessor_form(error.span()))?;
        let form = |_| diagnostics::accessor_form(name.span());
        input.parse::<Token![:]>().map_err(form)?;
        let written: Type = input.parse().map_err(form)?;
        let parameter = match injected::kind(&written) {
            Kind::Reference(_) | Kind::Lazy(_) | Kind::MutableReference(_) => written.clone(),
            Kind::Value => parse_quote_spanned!(written.span()=> &#written),
        };
        Ok(Self { name, written, parameter })
    }
}

/// As it was written, to be handed to another macro.
impl ToTokens for Accessor {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, written, .. } = self;
        tokens.extend(quote!(#name: #written));
    }
}

/// The accessors that the options list, each of them once.
pub(crate) fn listed(options: &Options, errors: &mut Errors) -> Vec<Accessor> {
    let all: Option<Vec<Accessor>> = options.list("accessors", "(auth_service: AuthService<'_>)", errors);
    let mut kept: Vec<Accessor> = Vec::new();
    for accessor in all.into_iter().flatten() {
        if kept.iter().any(|earlier| earlier.name == accessor.name) {
            errors.push(diagnostics::accessor_twice(&accessor.name));
            continue;
        }
        match injected::kind(&accessor.parameter) {
            Kind::MutableReference(reference) => errors.push(diagnostics::mutable_reference(reference)),
            Kind::Reference(object @ Type::ImplTrait(_)) => {
                errors.push(diagnostics::impl_trait(object, "tool"));
            }
            _ => kept.push(accessor),
        }
    }
    kept
}

/// Gives `function` the services: a parameter in front for each, and in its body a closure of that name.
///
/// A body with a mistake is left out, since without the right services it would only be wrong in other words.
pub(crate) fn give<'a>(
    function: &mut ItemFn,
    accessors: impl DoubleEndedIterator<Item = &'a Accessor> + Clone,
    runtime: &Runtime,
    errors: &mut Errors,
) {
    let mut mistakes = Errors::default();
    for accessor in accessors.clone() {
        let name = &accessor.name;
        if let Some(parameter) = parameter(function, name) {
            mistakes.push(diagnostics::accessor_taken_by_parameter(parameter));
        }
        body::keeps_its_meaning(name, &function.block, &mut mistakes);
        body::not_gone_past(name, &function.block, &mut mistakes);
        if !body::calls(&function.block, name) {
            mistakes.push(diagnostics::accessor_unused(name));
        }
    }
    let free = |accessor: &&Accessor| parameter(function, &accessor.name).is_none();
    for Accessor { name, parameter, .. } in accessors.filter(free).rev().collect::<Vec<_>>() {
        let span = parameter.span();
        function.sig.inputs.insert(0, parse_quote_spanned!(span=> #name: #parameter));
        let runtime = runtime.at(name.span());
        let closure =
            syn::parse2(quote_spanned!(name.span()=> let #name = #runtime::__private::accessor(#name);));
        function.block.stmts.extend(errors.keep(closure));
        // In front, so that what the body itself imports is not nearer.
        function.block.stmts.rotate_right(1);
    }
    if let Err(error) = mistakes.as_result() {
        errors.push(error);
        function
            .attrs
            .push(parse_quote!(#[allow(unused, clippy::empty_loop, reason = "its body has a mistake")]));
        function.block = parse_quote!({ loop {} });
    }
}

/// The parameter of that name.
fn parameter<'a>(function: &'a ItemFn, name: &Ident) -> Option<&'a Ident> {
    function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(parameter) if parameter.ident == *name => Some(&parameter.ident),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}
