//! What is right about it: what is injected, what is input, what the client is told.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, GenericParam, Ident, Lifetime, Pat, ReturnType, Type};

use super::parse::Written;
use super::{blocking, lengths, literals};
use crate::accessors;
use crate::attributes::{Options, doc_text};
use crate::diagnostics::{self, Errors};
use crate::injected::{self, Injected, Kind, type_arguments};
use crate::lifetimes::Also;
use crate::paths::Runtime;

const OPTIONS: &[&str] =
    &["read_only", "destructive", "idempotent", "open_world", "name", "title", "accessors", "crate"];
const PARAMETER_ATTRIBUTES: &[&str] = &["default", "range", "length", "pattern", "params"];

/// A function that can be called as a tool.
pub(super) struct Tool {
    pub(super) runtime: Runtime,
    pub(super) function: Ident,
    pub(super) visibility: syn::Visibility,
    pub(super) is_async: bool,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) hints: Vec<Ident>,
    /// In the order of the signature.
    pub(super) parameters: Vec<Parameter>,
    pub(super) output: Output,
    /// Where the result's type stands.
    pub(super) returned: Span,
}

#[expect(clippy::large_enum_variant, reason = "a signature has a handful of them")]
pub(super) enum Parameter {
    Injected(Injected),
    Input(Input),
    /// The whole input as one struct.
    Set {
        name: Ident,
        ty: Type,
    },
}

/// A parameter that the client gives.
pub(super) struct Input {
    pub(super) name: Ident,
    pub(super) ty: Type,
    pub(super) docs: Vec<Attribute>,
    pub(super) is_option: bool,
    pub(super) default: Option<syn::Expr>,
    pub(super) range: Option<(syn::Expr, syn::Expr)>,
    pub(super) length: Option<(syn::Expr, syn::Expr)>,
    pub(super) pattern: Option<syn::LitStr>,
}

#[expect(clippy::large_enum_variant, reason = "a tool has one")]
pub(super) enum Output {
    Value(Type),
    /// The value, and the error unless an alias of `Result` says it.
    Result(Type, Option<Type>),
}

/// The lifetime of the scope in the expansion.
pub(super) fn scope_lifetime() -> Lifetime {
    Lifetime::new("'req", Span::mixed_site())
}

/// Gives the function the services that its body asks for by name; they are parameters like any from here on.
pub(super) fn give_accessors(options: TokenStream, written: &mut Written) -> syn::Result<()> {
    let (mut errors, mut reported_elsewhere) = (Errors::default(), Errors::default());
    let options = Options::parse(options, "scoped_tool", OPTIONS, &mut reported_elsewhere);
    let accessors = accessors::listed(&options, &mut errors);
    let runtime = Runtime::new(options.value("crate", "path", &mut reported_elsewhere));
    accessors::give(&mut written.function, accessors.iter(), &runtime, &mut errors);
    let given = written.function.sig.inputs.len() - written.attributes.len();
    written.attributes.splice(..0, (0..given).map(|_| Vec::new()));
    errors.as_result()
}

/// The way to our crate, whatever else is wrong.
pub(super) fn runtime(options: TokenStream) -> Runtime {
    let mut reported_already = Errors::default();
    let options = Options::parse(options, "scoped_tool", OPTIONS, &mut reported_already);
    Runtime::new(options.value("crate", "path", &mut reported_already))
}

pub(super) fn check(options: TokenStream, written: &Written) -> syn::Result<Tool> {
    let mut errors = Errors::default();
    let signature = &written.function.sig;
    let options = Options::parse(options, "scoped_tool", OPTIONS, &mut errors);
    let runtime = Runtime::new(options.value("crate", "path", &mut errors));
    let name: Option<syn::LitStr> = options.value("name", "\"the_name\"", &mut errors);
    let title: Option<syn::LitStr> = options.value("title", "\"The title\"", &mut errors);
    let hints: Vec<Ident> = ["read_only", "destructive", "idempotent", "open_world"]
        .iter()
        .filter_map(|hint| options.word(hint, &mut errors))
        .collect();
    if let [first, .., last] = &hints[..]
        && first == "read_only"
        && hints.iter().any(|hint| hint == "destructive")
    {
        errors.push(diagnostics::options_exclude(last, "read_only", diagnostics::READS_ONLY));
    }

    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.push(diagnostics::generic(parameter, "tool"));
        }
    }
    let parameters = signature
        .inputs
        .iter()
        .zip(&written.attributes)
        .filter_map(|(input, attributes)| parameter(input, attributes, &mut errors))
        .collect::<Vec<_>>();
    one_set(&parameters, &mut errors);
    let output = output(signature, &mut errors);
    blocking::refuse(&written.function, &mut errors);
    let returned = match &signature.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => signature.ident.span(),
    };

    let (name, span) = match name {
        Some(name) => (name.value(), name.span()),
        None => (signature.ident.to_string().trim_start_matches("r#").to_owned(), signature.ident.span()),
    };
    if !valid_name(&name) {
        errors.push(diagnostics::bad_tool_name(&name, span));
    }
    errors.finish(output.map(|output| Tool {
        runtime,
        function: signature.ident.clone(),
        visibility: written.function.vis.clone(),
        is_async: signature.asyncness.is_some(),
        title: title.map_or_else(|| sentence(&name), |title| title.value()),
        name,
        description: doc_text(&written.function.attrs),
        hints,
        parameters,
        output,
        returned,
    }))
}

fn parameter(input: &FnArg, attributes: &[Attribute], errors: &mut Errors) -> Option<Parameter> {
    let typed = match input {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            errors.push(diagnostics::takes_self(receiver, "tool"));
            return None;
        }
    };
    let (service, lazy) = match injected::kind(&typed.ty) {
        Kind::Reference(service) => (service, false),
        Kind::Lazy(service) => (service, true),
        Kind::MutableReference(reference) => {
            errors.push(diagnostics::mutable_reference(reference));
            return None;
        }
        Kind::Value => return value(typed, attributes, errors),
    };
    if matches!(service, Type::ImplTrait(_)) {
        errors.push(diagnostics::impl_trait(service, "tool"));
        return None;
    }
    for attribute in attributes.iter().filter(|attribute| !attribute.path().is_ident("doc")) {
        errors.push(diagnostics::injected_attribute(attribute));
    }
    // An injected parameter is never named by clients, so a pattern would do; the expansion gives it a name if need be.
    let name = match &*typed.pat {
        Pat::Ident(name) => name.ident.clone(),
        _ => crate::attributes::hidden("injected"),
    };
    let injected = Injected::new(name, service, lazy, &scope_lifetime(), Also::Everything);
    Some(Parameter::Injected(injected))
}

fn value(typed: &syn::PatType, attributes: &[Attribute], errors: &mut Errors) -> Option<Parameter> {
    if matches!(&*typed.ty, Type::ImplTrait(_)) {
        errors.push(diagnostics::impl_trait(&typed.ty, "tool"));
        return None;
    }
    let name = match &*typed.pat {
        Pat::Ident(name) if name.subpat.is_none() => name.ident.clone(),
        other => {
            errors.push(diagnostics::pattern(other, "tool"));
            return None;
        }
    };
    let mut input = Input {
        name: name.clone(),
        ty: (*typed.ty).clone(),
        docs: Vec::new(),
        is_option: is_option(&typed.ty),
        default: None,
        range: None,
        length: None,
        pattern: None,
    };
    let mut is_set = false;
    let mut seen: Vec<Ident> = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("doc") {
            input.docs.push(attribute.clone());
            continue;
        }
        let Some(word) = attribute.path().get_ident() else { continue };
        if seen.contains(word) {
            errors.push(diagnostics::repeated_parameter_attribute(word));
            continue;
        }
        seen.push(word.clone());
        match word.to_string().as_str() {
            "default" => {
                if input.is_option {
                    errors.push(diagnostics::default_on_option(attribute));
                }
                let written = attribute.parse_args();
                input.default =
                    errors.keep(written.map_err(|_| diagnostics::default_without_value(attribute)));
                if let Some(default) = &input.default {
                    literals::of_its_kind(default, &name, &typed.ty, errors);
                }
            }
            "range" => {
                literals::is_number(attribute, &name, &typed.ty, errors);
                input.range = ends(attribute, errors);
            }
            "length" => input.length = lengths::ends(attribute, &name, &typed.ty, errors),
            "pattern" => {
                literals::is_text(attribute, &name, &typed.ty, errors);
                input.pattern = literals::pattern(attribute, errors);
            }
            "params" => is_set = true,
            _ => errors.push(diagnostics::unknown_parameter_attribute(word, PARAMETER_ATTRIBUTES)),
        }
    }
    literals::default_in_range(&input, errors);
    lengths::default_in_length(&input, errors);
    if is_set {
        let of_one_input = PARAMETER_ATTRIBUTES.iter().filter(|word| **word != "params");
        for word in of_one_input {
            if let Some(attribute) = attributes.iter().find(|attribute| attribute.path().is_ident(word)) {
                errors.push(diagnostics::attribute_on_set(attribute, &name));
            }
        }
        return Some(Parameter::Set { name, ty: input.ty });
    }
    Some(Parameter::Input(input))
}

/// Both ends of `1..=1000`.
fn ends(attribute: &Attribute, errors: &mut Errors) -> Option<(syn::Expr, syn::Expr)> {
    if let Ok(
        range @ syn::Expr::Range(syn::ExprRange {
            start: Some(start),
            end: Some(end),
            limits: syn::RangeLimits::Closed(_),
            ..
        }),
    ) = &attribute.parse_args()
    {
        literals::not_empty(range, start, end, errors);
        return Some(((**start).clone(), (**end).clone()));
    }
    errors.push(diagnostics::bad_range(attribute));
    None
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// A parameter set is the whole input.
fn one_set(parameters: &[Parameter], errors: &mut Errors) {
    let is_set = |parameter: &Parameter| matches!(parameter, Parameter::Set { .. });
    if !parameters.iter().any(is_set) {
        return;
    }
    let mut first_set = true;
    for parameter in parameters {
        match parameter {
            Parameter::Set { .. } if std::mem::take(&mut first_set) => {}
            Parameter::Set { name, .. } => errors.push(diagnostics::two_parameter_sets(name)),
            Parameter::Input(input) => errors.push(diagnostics::two_parameter_sets(&input.name)),
            Parameter::Injected(_) => {}
        }
    }
}

fn output(signature: &syn::Signature, errors: &mut Errors) -> Option<Output> {
    let ReturnType::Type(_, ty) = &signature.output else {
        errors.push(diagnostics::missing_return_type(signature));
        return None;
    };
    if let Type::Path(path) = &**ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
        && let [value, error @ ..] = &type_arguments(last)[..]
    {
        return Some(Output::Result(value.clone(), error.first().cloned()));
    }
    Some(Output::Value((**ty).clone()))
}

/// What every client takes: MCP allows more, some clients do not.
fn valid_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// `check_bucket_access` to "Check bucket access".
fn sentence(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
