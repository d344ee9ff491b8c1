//! `#[scoped_tools]`: the functions of a module, tools and what they call, are given the services they ask for by name.
//!
//! A function needs the accessors that it calls and those that the functions need which it calls. It gets each as a
//! parameter in front, and whoever calls it in this module gives it those.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Attribute, Ident, Item, ItemFn, ItemMod, Meta, MetaList};

use crate::accessors::{self, Accessor, body};
use crate::attributes::Options;
use crate::diagnostics::{self, Errors, compile_error};
use crate::paths::Runtime;

const OPTIONS: &[&str] = &["accessors", "crate"];

/// What each function needs: positions in the list of accessors, ascending.
type Needs = Vec<(Ident, Vec<usize>)>;

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut module: ItemMod = match syn::parse2(item) {
        Ok(module) => module,
        Err(error) => return compile_error(&error),
    };
    let mut errors = Errors::default();
    let options = Options::parse(options, "scoped_tools", OPTIONS, &mut errors);
    let accessors = accessors::listed(&options, &mut errors);
    let runtime = Runtime::new(options.value("crate", "path", &mut errors));
    // Of a module in a file the compiler itself says that an attribute cannot see it.
    if let Some((_, items)) = &mut module.content {
        give(items, &accessors, &runtime, &mut errors);
    }
    let error = errors.as_result().err().map(|error| compile_error(&error));
    quote!(#module #error)
}

fn give(items: &mut [Item], accessors: &[Accessor], runtime: &Runtime, errors: &mut Errors) {
    let needs = needs(items, accessors);
    for (at, accessor) in accessors.iter().enumerate() {
        if !needs.iter().any(|(_, needed)| needed.contains(&at)) {
            errors.push(diagnostics::accessor_unused(&accessor.name));
        }
    }
    let given = |called: &Ident| {
        accessors.iter().any(|accessor| accessor.name == *called)
            || needs.iter().any(|(name, needed)| name == called && !needed.is_empty())
    };
    for item in items {
        match item {
            Item::Fn(function) => in_function(function, accessors, &needs, runtime, errors),
            Item::Use(_) => {}
            // Tests call the functions as they are.
            other if is_for_tests(other) => {}
            other => {
                if let Some(name) = body::first_call(other.to_token_stream(), &given) {
                    errors.push(diagnostics::accessor_out_of_reach(&name));
                }
            }
        }
    }
}

/// What each function calls, and what is needed for that.
fn needs(items: &[Item], accessors: &[Accessor]) -> Needs {
    let functions: Vec<&ItemFn> = items
        .iter()
        .filter_map(|item| match item {
            Item::Fn(function) if !is_for_tests(item) => Some(function),
            _ => None,
        })
        .collect();
    let called = |function: &ItemFn| {
        (0..accessors.len()).filter(|at| body::calls(&function.block, &accessors[*at].name)).collect()
    };
    let mut needs: Needs =
        functions.iter().map(|function| (function.sig.ident.clone(), called(function))).collect();
    loop {
        let mut changed = false;
        for (caller, function) in functions.iter().enumerate() {
            for callee in 0..functions.len() {
                if callee != caller && body::calls(&function.block, &functions[callee].sig.ident) {
                    let missing: Vec<usize> =
                        needs[callee].1.iter().filter(|at| !needs[caller].1.contains(at)).copied().collect();
                    changed |= !missing.is_empty();
                    needs[caller].1.extend(missing);
                }
            }
            needs[caller].1.sort_unstable();
        }
        if !changed {
            return needs;
        }
    }
}

fn in_function(
    function: &mut ItemFn,
    accessors: &[Accessor],
    needs: &Needs,
    runtime: &Runtime,
    errors: &mut Errors,
) {
    let Some((_, own)) = needs.iter().find(|(name, _)| *name == function.sig.ident) else { return };
    if own.is_empty() {
        return;
    }
    for (callee, needed) in needs {
        if !needed.is_empty() && body::calls(&function.block, callee) {
            body::keeps_its_meaning(callee, &function.block, errors);
        }
    }
    // By the accessors themselves, which the function has.
    let in_front = |callee: &Ident| {
        let (_, needed) = needs.iter().find(|(name, needed)| name == callee && !needed.is_empty())?;
        let names = needed.iter().map(|at| {
            let mut name = accessors[*at].name.clone();
            name.set_span(callee.span());
            name
        });
        Some(quote_spanned!(callee.span()=> #(#names(),)*))
    };
    let block = body::with_arguments(function.block.to_token_stream(), &in_front);
    if let Some(block) = errors.keep(syn::parse2(block)) {
        *function.block = block;
    }
    let own = own.iter().map(|at| &accessors[*at]);
    match function.attrs.iter_mut().find(|attribute| is(attribute, "scoped_tool")) {
        // The tool's own macro gives them, once it has looked at the rest.
        Some(attribute) => add(attribute, &quote!(accessors(#(#own),*))),
        None => accessors::give(function, own, runtime, errors),
    }
}

/// One more option of an attribute.
fn add(attribute: &mut Attribute, option: &TokenStream) {
    attribute.meta = match &attribute.meta {
        Meta::List(MetaList { path, delimiter, tokens }) => {
            let comma = (!tokens.is_empty()).then(|| quote!(,));
            let tokens = quote!(#tokens #comma #option);
            Meta::List(MetaList { path: path.clone(), delimiter: delimiter.clone(), tokens })
        }
        other => Meta::List(MetaList {
            path: other.path().clone(),
            delimiter: syn::MacroDelimiter::Paren(syn::token::Paren::default()),
            tokens: option.clone(),
        }),
    };
}

fn is(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == name)
}

fn is_for_tests(item: &Item) -> bool {
    let (Item::Mod(ItemMod { attrs, .. }) | Item::Fn(ItemFn { attrs, .. })) = item else { return false };
    attrs.iter().any(|attribute| {
        is(attribute, "test")
            || (is(attribute, "cfg")
                && attribute.meta.to_token_stream().to_string().replace(' ', "") == "cfg(test)")
    })
}
