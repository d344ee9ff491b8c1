//! Options in brackets, and the attributes of parameters: unknown, repeated, of another kind.

use proc_macro2::TokenStream;
use syn::Error;

use super::at;
use super::spelling::{closest, list};

pub(crate) fn unknown_option(option: &syn::Ident, of: &str, known: &[&str]) -> Error {
    let wrote = option.to_string();
    let hint = match closest(&wrote, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", list(known)),
    };
    at(option, format!("unknown option `{wrote}` of `{of}`; {hint}"))
}

pub(crate) fn repeated_option(option: &syn::Ident, of: &str) -> Error {
    at(option, format!("option `{option}` of `{of}` is given twice; remove one"))
}

pub(crate) fn option_takes_no_value(option: &syn::Ident) -> Error {
    at(option, format!("option `{option}` takes no value; write just `{option}`"))
}

pub(crate) fn option_needs_value(option: &syn::Ident, example: &str) -> Error {
    at(option, format!("option `{option}` needs a value; write `{option} = {example}`"))
}

pub(crate) fn option_of_another_kind(option: &syn::Ident, value: &TokenStream, example: &str) -> Error {
    at(value, format!("option `{option}` takes another kind of value: write `{option} = {example}`"))
}

pub(crate) fn options_exclude(one: &syn::Ident, other: &str, why: &str) -> Error {
    at(one, format!("`{one}` and `{other}` exclude each other: {why}; keep one"))
}

/// Why two options exclude each other.
pub(crate) const READS_ONLY: &str = "what only reads destroys nothing";
pub(crate) const ONE_ROLE: &str = "a field has one role";
pub(crate) const NOT_TIDIED_UP: &str =
    "what is built at each ask is dropped with the scope, but not tidied up";
pub(crate) const ONCE_OR_EACH_TIME: &str = "one is built once per process, the other at each ask";

pub(crate) fn unknown_parameter_attribute(attribute: &syn::Ident, known: &[&str]) -> Error {
    let wrote = attribute.to_string();
    let hint = match closest(&wrote, known) {
        Some(near) => format!("did you mean `#[{near}]`?"),
        None => format!("known are {}", list(known)),
    };
    at(attribute, format!("unknown parameter attribute `{wrote}`; {hint}"))
}

pub(crate) fn repeated_parameter_attribute(attribute: &syn::Ident) -> Error {
    at(attribute, format!("`#[{attribute}]` is given twice for this parameter; remove one"))
}
