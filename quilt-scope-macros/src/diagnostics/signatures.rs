//! What a signature, or the body beneath it, cannot be.

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::Error;

use super::{at, joined};

pub(crate) fn takes_self(receiver: &syn::Receiver, what: &str) -> Error {
    at(receiver, format!("a {what} has no `self`; take the service that holds the state as `&Service`"))
}

pub(crate) fn generic(parameter: &syn::GenericParam, what: &str) -> Error {
    let name = match parameter {
        syn::GenericParam::Type(ty) => &ty.ident,
        syn::GenericParam::Const(constant) => &constant.ident,
        syn::GenericParam::Lifetime(lifetime) => &lifetime.lifetime.ident,
    };
    at(parameter, format!("a {what} cannot be generic over `{name}`; write the concrete type"))
}

pub(crate) fn impl_trait(ty: &syn::Type, what: &str) -> Error {
    at(
        ty,
        format!(
            "a {what} cannot take `impl Trait`; write the concrete type, or `&dyn Trait` for an injected one"
        ),
    )
}

pub(crate) fn pattern(pattern: &syn::Pat, what: &str) -> Error {
    at(
        pattern,
        format!(
            "a parameter of a {what} needs a plain name, since clients and messages use it; destructure it in the body"
        ),
    )
}

pub(crate) fn mutable_reference(ty: &syn::TypeReference) -> Error {
    at(
        ty,
        "an injected service is shared, so it cannot be `&mut`; take `&T`, and let the service guard what changes \
         (`Mutex`, atomics)",
    )
}

pub(crate) fn injected_attribute(attribute: &syn::Attribute) -> Error {
    at(
        attribute.path(),
        "this parameter is injected, so clients never give it and it is in no schema; remove the attribute, or take \
         the parameter by value to make it input",
    )
}

pub(crate) fn missing_return_type(signature: &syn::Signature) -> Error {
    at(
        &signature.ident,
        format!(
            "tool `{}` returns nothing; return a struct that tells the client what happened",
            signature.ident
        ),
    )
}

pub(crate) fn two_parameter_sets(second: &syn::Ident) -> Error {
    at(
        second,
        format!("`{second}` stands beside `#[params]`, which is the whole input; move it into that struct"),
    )
}

pub(crate) fn bad_tool_name(name: &str, span: Span) -> Error {
    Error::new(
        span,
        format!(
            "`{name}` is no tool name that every client takes: use 1 to 64 of `a-z`, `A-Z`, `0-9`, `_` and `-`, or set \
             `name = \"..\"`"
        ),
    )
}

pub(crate) fn blocks(call: &syn::Path, instead: &str) -> Error {
    at(
        call,
        format!(
            "`{}` blocks the thread, and with it the other calls that this thread serves; write {instead}, or move it into \
             `spawn_blocking`",
            joined(&call.to_token_stream())
        ),
    )
}
