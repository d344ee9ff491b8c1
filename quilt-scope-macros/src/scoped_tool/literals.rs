//! What can be said of a parameter's attributes because it is written out: the kinds of literals, their order, and
//! whether a pattern is one. What is not a literal is left to the compiler, or to the check at the call.

use syn::{Attribute, Expr, Ident, Lit, LitStr, Type};

use super::check::Input;
use crate::diagnostics::{self, Errors};
use crate::injected::type_argument;

const INTEGERS: [&str; 12] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];
const FLOATS: [&str; 2] = ["f32", "f64"];

/// What a parameter is, if it is one of the language's own types, or several of it.
enum Kind {
    Integer,
    Float,
    Bool,
    Text,
    Other,
}

fn kind(ty: &Type) -> Kind {
    let Type::Path(path) = ty else { return Kind::Other };
    let Some(last) = path.path.segments.last() else { return Kind::Other };
    let name = last.ident.to_string();
    match name.as_str() {
        "Option" | "Vec" => type_argument(last).map_or(Kind::Other, kind),
        "bool" => Kind::Bool,
        "String" | "char" => Kind::Text,
        name if INTEGERS.contains(&name) => Kind::Integer,
        name if FLOATS.contains(&name) => Kind::Float,
        _ => Kind::Other,
    }
}

/// A literal default is of the parameter's kind. A text is converted by hand, so `String` takes none.
pub(super) fn of_its_kind(default: &Expr, name: &Ident, ty: &Type, errors: &mut Errors) {
    let (literal, negative) = match default {
        Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => (&**expr, true),
        other => (other, false),
    };
    let Expr::Lit(syn::ExprLit { lit, .. }) = literal else { return };
    let Some(is) = diagnostics::kind_of_literal(lit, negative) else { return };
    let fits = match (kind(ty), lit) {
        (Kind::Integer, Lit::Int(_)) => !(negative && is_unsigned(ty)),
        (Kind::Float, Lit::Float(_)) | (Kind::Bool, Lit::Bool(_)) | (Kind::Other, _) => true,
        _ => false,
    };
    if !fits {
        let instead = match (kind(ty), lit) {
            (Kind::Text, Lit::Str(_)) => diagnostics::OWN_THE_TEXT,
            (Kind::Float, Lit::Int(_)) => diagnostics::WITH_A_POINT,
            _ => diagnostics::ANOTHER_DEFAULT,
        };
        errors.push(diagnostics::default_of_another_kind(default, name, ty, (is, instead)));
    }
}

fn is_unsigned(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident.to_string().starts_with('u')))
}

/// Whether it is a number or a truth value, or one that may be left out: nothing with a length.
pub(super) fn is_scalar(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    match path.path.segments.last() {
        Some(last) if last.ident == "Option" => type_argument(last).is_some_and(is_scalar),
        Some(last) if last.ident == "Vec" => false,
        _ => matches!(kind(ty), Kind::Bool | Kind::Integer | Kind::Float),
    }
}

pub(super) fn is_number(attribute: &Attribute, name: &Ident, ty: &Type, errors: &mut Errors) {
    if matches!(kind(ty), Kind::Bool | Kind::Text) {
        errors.push(diagnostics::range_of_no_number(attribute, name, ty));
    }
}

pub(super) fn is_text(attribute: &Attribute, name: &Ident, ty: &Type, errors: &mut Errors) {
    if matches!(kind(ty), Kind::Bool | Kind::Integer | Kind::Float) {
        errors.push(diagnostics::pattern_of_no_text(attribute, name, ty));
    }
}

/// The regular expression, if it is one to the engine that will match it.
pub(super) fn pattern(attribute: &Attribute, errors: &mut Errors) -> Option<LitStr> {
    let Ok(pattern) = attribute.parse_args::<LitStr>() else {
        errors.push(diagnostics::pattern_is_no_text(attribute));
        return None;
    };
    match regex_lite::Regex::new(&pattern.value()) {
        Ok(_) => Some(pattern),
        Err(error) => {
            errors.push(diagnostics::bad_pattern(&pattern, error));
            None
        }
    }
}

pub(super) fn not_empty(range: &Expr, from: &Expr, to: &Expr, errors: &mut Errors) {
    if let (Some(from), Some(to)) = (number(from), number(to))
        && from > to
    {
        errors.push(diagnostics::empty_range(range));
    }
}

pub(super) fn default_in_range(input: &Input, errors: &mut Errors) {
    let (Some(default), Some((from, to))) = (&input.default, &input.range) else { return };
    if let (Some(value), Some(least), Some(most)) = (number(default), number(from), number(to))
        && least <= most
        && !(least..=most).contains(&value)
    {
        errors.push(diagnostics::default_outside_range(default, &input.name, from, to));
    }
}

/// The value of a literal, near enough to compare it.
fn number(expression: &Expr) -> Option<f64> {
    match expression {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Lit(syn::ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => number(expr).map(|value| -value),
        _ => None,
    }
}
