//! What a scope cannot be.

use quote::ToTokens as _;
use syn::Error;

use super::at;

pub(crate) fn not_a_struct(name: &syn::Ident) -> Error {
    at(name, format!("`{name}` must be a struct with named fields: each field is what a request can ask for"))
}

pub(crate) fn unmarked_field(name: &syn::Ident, ty: &syn::Type) -> Error {
    at(
        ty,
        format!(
            "what is `{name}`? write `Slot<..>` for a service that is built once, `Transient<..>` for one built at each \
             ask, or mark the field: `#[scope(seed)]` for what is given when the scope opens, `#[scope(parent)]` for the \
             scope it opens under, `#[scope(observer)]` for who watches it"
        ),
    )
}

pub(crate) fn two_fields(second: &syn::Ident, first: &syn::Ident, role: &str) -> Error {
    at(
        second,
        format!(
            "`{second}` is a second {role}, after `{first}`; a scope has at most one: remove one of them"
        ),
    )
}

pub(crate) fn two_providers(second: &syn::Ident, provided: &syn::Type, first: &syn::Ident) -> Error {
    let ty = provided.to_token_stream();
    at(
        provided,
        format!(
            "`{second}` provides `{ty}`, and so does `{first}`; keep one, or wrap one in a type of its own"
        ),
    )
}

pub(crate) fn parent_by_value(ty: &syn::Type) -> Error {
    at(ty, "a parent scope is borrowed: write `&'req Parent`")
}

pub(crate) fn root_with_lifetime(name: &syn::Ident) -> Error {
    at(
        name,
        format!(
            "`{name}` has a lifetime but no parent; a root scope is `'static`: remove the lifetime, or mark the scope it opens under: `#[scope(parent)]`"
        ),
    )
}

pub(crate) fn child_without_lifetime(name: &syn::Ident) -> Error {
    at(
        name,
        format!(
            "`{name}` opens under a parent, so it needs a lifetime to borrow for: write `struct {name}<'req>`"
        ),
    )
}

pub(crate) fn slot_without_type(ty: &syn::Type) -> Error {
    at(ty, "say which service: `Slot<Service>`")
}

pub(crate) fn role_on_slot(attribute: &syn::Ident) -> Error {
    at(
        attribute,
        format!(
            "`{attribute}` is for fields that are given, and a slot is built by the scope; remove `{attribute}`, or write the \
             service's own type for the field"
        ),
    )
}
