//! Every message the macros can print, and the sink that collects them.
//!
//! A message starts lower case, names the user's own identifier in backticks, says what to write instead, and ends
//! without a full stop. Each has a case in `ui-tests`.

mod accessors;

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

pub(crate) use accessors::*;

/// Collects mistakes, so that one does not hide another.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The value if it is right; otherwise the mistake is collected.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// The mistakes so far.
    pub(crate) fn as_result(&self) -> syn::Result<()> {
        self.0.clone().map_or(Ok(()), Err)
    }

    /// Nothing is generated from a part that had mistakes.
    pub(crate) fn finish<T>(self, value: Option<T>) -> syn::Result<T> {
        match (self.0, value) {
            (None, Some(value)) => Ok(value),
            (Some(error), _) => Err(error),
            (None, None) => unreachable!("a part is missing only after a mistake"),
        }
    }
}

fn at(place: impl ToTokens, message: impl Display) -> Error {
    Error::new_spanned(place, message)
}

/// The tokens that make the compiler print `error`.
pub(crate) fn compile_error(error: &Error) -> TokenStream {
    error.to_compile_error()
}

// ---- options

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

// ---- signatures

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
        attribute,
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

pub(crate) fn default_on_option(attribute: &syn::Attribute) -> Error {
    at(attribute, "an `Option` already defaults to nothing; remove `#[default]`, or drop the `Option`")
}

pub(crate) fn bad_range(range: &syn::Expr) -> Error {
    at(range, "`#[range]` takes both ends, the last one included: `#[range(1..=1000)]`")
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
        attribute,
        format!(
            "`{name}` is a `{}`, and only numbers have a range; remove `#[range]`, or write `#[pattern(\"..\")]` for a text",
            ty.to_token_stream()
        ),
    )
}

pub(crate) fn pattern_of_no_text(attribute: &syn::Attribute, name: &syn::Ident, ty: &syn::Type) -> Error {
    at(
        attribute,
        format!(
            "`{name}` is a `{}`, and only texts have a pattern; remove `#[pattern]`, or write `#[range(..)]` for a number",
            ty.to_token_stream()
        ),
    )
}

pub(crate) fn pattern_is_no_text(attribute: &syn::Attribute) -> Error {
    at(attribute, "`#[pattern]` takes a regular expression in quotes: `#[pattern(\"^[a-z]+$\")]`")
}

pub(crate) fn bad_pattern(pattern: &syn::LitStr, why: impl Display) -> Error {
    at(pattern, format!("this is no regular expression: {why}"))
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

// ---- services

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

// ---- containers

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
    let mut error = at(second, format!("`{second}` is a second {role}; a scope has at most one"));
    error.combine(at(first, format!("`{first}` is the first {role}")));
    error
}

pub(crate) fn two_providers(second: (&syn::Ident, &syn::Type), first: (&syn::Ident, &syn::Type)) -> Error {
    let ty = second.1.to_token_stream();
    let mut error = at(
        second.1,
        format!(
            "`{}` provides `{ty}`, and so does `{}`; keep one, or wrap one in a type of its own",
            second.0, first.0
        ),
    );
    error.combine(at(first.1, format!("`{}` already provides `{ty}`", first.0)));
    error
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
        format!("`{name}` opens under a parent, so it needs a lifetime to borrow for: `struct {name}<'req>`"),
    )
}

pub(crate) fn slot_without_type(ty: &syn::Type) -> Error {
    at(ty, "say which service: `Slot<Service>`")
}

pub(crate) fn role_on_slot(attribute: &syn::Ident) -> Error {
    at(attribute, format!("`{attribute}` is for fields that are given; a slot is built by the scope"))
}

/// Tokens as people write them, without spaces.
fn joined(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The known word within two edits.
fn closest<'a>(wrote: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|word| (distance(wrote, word), *word))
        .filter(|(d, _)| *d <= 2)
        .min()
        .map(|(_, word)| word)
}

/// Edit distance (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_is_recognised_and_another_word_is_not() {
        assert_eq!(closest("readonly", &["read_only", "idempotent"]), Some("read_only"));
        assert_eq!(closest("cached", &["read_only", "idempotent"]), None);
    }
}
