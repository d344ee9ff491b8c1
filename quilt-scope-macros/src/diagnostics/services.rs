//! What a constructor cannot be.

use quote::ToTokens as _;
use syn::Error;

use super::at;

pub(crate) fn no_constructor(ty: &syn::Type, name: &str) -> Error {
    let ty = ty.to_token_stream();
    at(
        ty.clone(),
        format!(
            "`{ty}` has no constructor `{name}` in this block; write `pub fn {name}(..) -> Self`, or name another: `#[service(new = connect)]`"
        ),
    )
}

pub(crate) fn trait_impl(path: &syn::Path) -> Error {
    at(
        path,
        "`#[service]` belongs on the block that holds the constructor, not on the implementation of a trait",
    )
}

pub(crate) fn constructor_takes_value(ty: &syn::Type, name: &syn::Ident) -> Error {
    at(
        ty,
        format!(
            "all of a constructor's parameters are injected, and `{name}` is taken by value; take `&{0}` (something the \
             scope provides) or `Lazy<'_, {0}>` (the same, on first use)",
            ty.to_token_stream()
        ),
    )
}

pub(crate) fn constructor_returns(signature: &syn::Signature) -> Error {
    at(&signature.ident, format!("constructor `{}` must return `Self` or `Result<Self, E>`", signature.ident))
}

pub(crate) fn singleton_with_lifetime(lifetime: &syn::Lifetime) -> Error {
    at(
        lifetime,
        format!(
            "a singleton lives as long as the process, so it cannot borrow for `{lifetime}`; own the data, or make it request-scoped: plain `#[service]`"
        ),
    )
}

pub(crate) fn secrets_of_no_struct(name: &syn::Ident) -> Error {
    at(name, format!("`{name}` must be a struct: each of its fields is checked to be wiped on drop"))
}
