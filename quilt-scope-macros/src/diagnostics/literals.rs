//! What is said of a value and does not fit it: defaults, ranges, lengths, patterns.

use std::fmt::Display;

use quote::ToTokens as _;
use syn::Error;

use super::{at, joined, said};

pub(crate) fn default_on_option(attribute: &syn::Attribute) -> Error {
    at(attribute.path(), "an `Option` already defaults to nothing; remove `#[default]`, or drop the `Option`")
}

pub(crate) fn default_without_value(attribute: &syn::Attribute) -> Error {
    at(said(attribute), "`#[default]` takes the value of what is left out: `#[default(100)]`")
}

pub(crate) fn bad_range(attribute: &syn::Attribute) -> Error {
    at(said(attribute), "`#[range]` takes both ends, the last one included: `#[range(1..=1000)]`")
}

pub(crate) fn empty_range(range: &syn::Expr) -> Error {
    at(range, "no value is in this range: the smaller end comes first, `#[range(1..=1000)]`")
}

pub(crate) fn default_outside_range(
    default: &syn::Expr,
    name: &syn::Ident,
    from: &syn::Expr,
    to: &syn::Expr,
) -> Error {
    let (default_text, from, to) = (default.to_token_stream(), from.to_token_stream(), to.to_token_stream());
    at(
        default,
        format!(
            "the default of `{name}` is {}, which its range refuses: give one from {} to {}, or widen `#[range]`",
            joined(&default_text),
            joined(&from),
            joined(&to)
        ),
    )
}

/// What a literal is, for people. Of a byte, a character and the like nothing is said.
pub(crate) fn kind_of_literal(literal: &syn::Lit, negative: bool) -> Option<&'static str> {
    match literal {
        syn::Lit::Str(_) => Some("a `&str`"),
        syn::Lit::Bool(_) => Some("true or false"),
        syn::Lit::Float(_) => Some("a number with a fraction"),
        syn::Lit::Int(_) if negative => Some("below zero"),
        syn::Lit::Int(_) => Some("a whole number"),
        _ => None,
    }
}

pub(crate) const OWN_THE_TEXT: &str = "write `\"..\".to_owned()`";
pub(crate) const WITH_A_POINT: &str = "write it with a point: `1.0`";
pub(crate) const ANOTHER_DEFAULT: &str = "write one that it can be, or take another type";

pub(crate) fn default_of_another_kind(
    default: &syn::Expr,
    name: &syn::Ident,
    ty: &syn::Type,
    (is, instead): (&str, &str),
) -> Error {
    let ty = ty.to_token_stream();
    at(default, format!("the default of `{name}` is {is}, and `{name}` is a `{ty}`; {instead}"))
}

pub(crate) fn range_of_no_number(attribute: &syn::Attribute, name: &syn::Ident, ty: &syn::Type) -> Error {
    at(
        attribute.path(),
        format!(
            "`{name}` is a `{}`, and only numbers have a range; remove `#[range]`, or write `#[pattern(\"..\")]` for a text",
            ty.to_token_stream()
        ),
    )
}

pub(crate) fn pattern_of_no_text(attribute: &syn::Attribute, name: &syn::Ident, ty: &syn::Type) -> Error {
    at(
        attribute.path(),
        format!(
            "`{name}` is a `{}`, and only texts have a pattern; remove `#[pattern]`, or write `#[range(..)]` for a number",
            ty.to_token_stream()
        ),
    )
}

pub(crate) fn pattern_is_no_text(attribute: &syn::Attribute) -> Error {
    at(said(attribute), "`#[pattern]` takes a regular expression in quotes: `#[pattern(\"^[a-z]+$\")]`")
}

pub(crate) fn bad_pattern(pattern: &syn::LitStr, why: impl Display) -> Error {
    at(pattern, format!("this is no regular expression: {why}; write one as `^[a-z]+$` is one"))
}

pub(crate) fn length_of_neither(attribute: &syn::Attribute, name: &syn::Ident, ty: &syn::Type) -> Error {
    at(
        attribute.path(),
        format!(
            "`{name}` is a `{}`, and only texts and lists have a length; remove `#[length]`, or write `#[range(..)]` for a \
             number",
            ty.to_token_stream()
        ),
    )
}

pub(crate) fn bad_length(attribute: &syn::Attribute) -> Error {
    at(said(attribute), "`#[length]` takes two counts from 0, the last one included: `#[length(1..=1000)]`")
}

pub(crate) fn empty_length(range: &syn::ExprRange) -> Error {
    at(range, "nothing has such a length: the smaller end comes first, `#[length(1..=1000)]`")
}

pub(crate) fn default_outside_length(
    default: &syn::Expr,
    name: &syn::Ident,
    (has, unit): (usize, &str),
    (least, most): (usize, usize),
) -> Error {
    at(
        default,
        format!(
            "the default of `{name}` has {has} {unit}, which its length refuses: give one with {least} to {most}, or \
             widen `#[length]`"
        ),
    )
}

pub(crate) fn attribute_on_set(attribute: &syn::Attribute, name: &syn::Ident) -> Error {
    at(
        attribute.path(),
        format!(
            "`{name}` is the whole input, so this says nothing of it; write it on the struct's field, as \
             `#[schemars(range(min = 1, max = 1000))]`, and check it when the struct is read"
        ),
    )
}
