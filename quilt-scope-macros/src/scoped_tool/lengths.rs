//! What can be said of `#[length(1..=1000)]` because it is written out: its form, and whether a default keeps to it.

use syn::{Attribute, Expr, Ident, Lit, Macro, RangeLimits, Type};

use super::check::Input;
use super::literals;
use crate::diagnostics::{self, Errors};

/// Both ends of `1..=1000`, if they can be a length and the parameter can have one.
pub(super) fn ends(
    attribute: &Attribute,
    name: &Ident,
    ty: &Type,
    errors: &mut Errors,
) -> Option<(Expr, Expr)> {
    if literals::is_scalar(ty) {
        errors.push(diagnostics::length_of_neither(attribute, name, ty));
        return None;
    }
    let Ok(Expr::Range(range)) = attribute.parse_args() else {
        errors.push(diagnostics::bad_length(attribute));
        return None;
    };
    match (&range.start, &range.end, &range.limits) {
        (Some(least), Some(most), RangeLimits::Closed(_)) if may_count(least) && may_count(most) => {
            if let (Some(from), Some(to)) = (count(least), count(most))
                && from > to
            {
                errors.push(diagnostics::empty_length(&range));
            }
            Some(((**least).clone(), (**most).clone()))
        }
        _ => {
            errors.push(diagnostics::bad_length(attribute));
            None
        }
    }
}

/// A default that is written out has a length that can be seen.
pub(super) fn default_in_length(input: &Input, errors: &mut Errors) {
    let (Some(default), Some((least, most))) = (&input.default, &input.length) else { return };
    if let (Some((has, unit)), Some(from), Some(to)) = (length(default), count(least), count(most))
        && from <= to
        && !(from..=to).contains(&has)
    {
        errors.push(diagnostics::default_outside_length(default, &input.name, (has, unit), (from, to)));
    }
}

/// A literal that is no whole number, or is below zero, counts nothing; a constant may.
fn may_count(end: &Expr) -> bool {
    match end {
        Expr::Lit(_) => count(end).is_some(),
        Expr::Unary(_) => false,
        _ => true,
    }
}

fn count(end: &Expr) -> Option<usize> {
    match end {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    }
}

/// The length of a text or a list that is written out, and what is counted.
fn length(default: &Expr) -> Option<(usize, &'static str)> {
    match default {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => {
            Some((text.value().chars().count(), "characters"))
        }
        Expr::Array(array) => Some((array.elems.len(), "items")),
        Expr::Reference(reference) => length(&reference.expr),
        Expr::Macro(syn::ExprMacro { mac, .. }) => length_of_vec(mac),
        Expr::MethodCall(call) if call.args.is_empty() => {
            let keeps = ["to_owned", "to_string", "to_vec", "into"];
            keeps.iter().any(|method| call.method == method).then(|| length(&call.receiver)).flatten()
        }
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else { return None };
            let mut end = function.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            match (end.next()?.as_str(), end.next()?.as_str(), call.args.first()) {
                ("new", "String", None) => Some((0, "characters")),
                ("new", "Vec", None) => Some((0, "items")),
                ("from", "String" | "Vec", Some(from)) => length(from),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `vec![a, b]`; not `vec![a; 2]`.
fn length_of_vec(mac: &Macro) -> Option<(usize, &'static str)> {
    let items = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
    if !mac.path.is_ident("vec") {
        return None;
    }
    mac.parse_body_with(items).ok().map(|items| (items.len(), "items"))
}
