//! What it becomes: a type of the function's name that is a tool.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned;
use syn::{Ident, ItemFn};

use super::check::{Input, Output, Parameter, Tool, scope_lifetime};
use crate::attributes::{hidden, type_parameter};
use crate::injected::Injected;
use crate::paths::Runtime;

/// A tool in name only, so that a table which lists it is not a second error.
pub(super) fn stand_in(function: &ItemFn, runtime: &Runtime) -> TokenStream {
    let runtime = runtime.path();
    let (function, visibility) = (&function.sig.ident, &function.vis);
    let name = function.to_string();
    let (container, never) = (
        type_parameter("AnyContainer", function),
        quote!(#runtime::__private::core::unreachable!("it does not compile")),
    );
    quote! {
        #[allow(non_camel_case_types, dead_code, missing_docs, reason = "stands in for a tool with a mistake in it")]
        #visibility struct #function {}
        const _: () = {
            impl #runtime::Named for #function {
                const NAME: &'static str = #name;
                const TOOL: &'static Self = &Self {};
            }
            impl #runtime::Describe for #function {
                fn descriptor(&self) -> #runtime::Descriptor {
                    #never
                }
            }
            impl<#container: #runtime::Container> #runtime::Tool<#container> for #function {
                fn call<'req>(
                    &'req self,
                    _: &'req #container::Scope<'req>,
                    _: #runtime::JsonObject,
                ) -> #runtime::BoxFuture<
                    'req,
                    #runtime::__private::core::result::Result<#runtime::__private::serde_json::Value, #runtime::CallError>,
                > {
                    #never
                }
            }
        };
    }
}

pub(super) fn expand(tool: &Tool) -> TokenStream {
    let Tool { function, visibility, .. } = tool;
    let doc = format!("The tool of the function [`{function}`](fn@{function}).");
    let arguments = arguments(tool);
    let describe = describe(tool);
    let call = call(tool);
    quote! {
        // Braced, so that it is in the type namespace alone and can share the function's name.
        #[allow(non_camel_case_types, reason = "a tool goes by the name of its function")]
        #[doc = #doc]
        #visibility struct #function {}
        #[allow(unused_qualifications, reason = "every path is absolute, so that nothing in scope is in its way")]
        const _: () = {
            #arguments
            #describe
            #call
        };
    }
}

fn inputs(tool: &Tool) -> impl Iterator<Item = &Input> {
    tool.parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Input(input) => Some(input),
        _ => None,
    })
}

fn injected(tool: &Tool) -> impl Iterator<Item = &Injected> {
    tool.parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Injected(injected) => Some(injected),
        _ => None,
    })
}

/// The type of the arguments: the given struct, or one with a field for each input.
fn arguments_type(tool: &Tool) -> TokenStream {
    let set = tool.parameters.iter().find_map(|parameter| match parameter {
        Parameter::Set { ty, .. } => Some(quote!(#ty)),
        _ => None,
    });
    set.unwrap_or_else(|| {
        let name = hidden("Arguments");
        quote!(#name)
    })
}

fn arguments(tool: &Tool) -> TokenStream {
    if tool.parameters.iter().any(|parameter| matches!(parameter, Parameter::Set { .. })) {
        return TokenStream::new();
    }
    let runtime = tool.runtime.path();
    let name = hidden("Arguments");
    let (serde, schemars) = (tool.runtime.text("serde"), tool.runtime.text("schemars"));
    let fields = inputs(tool).map(|input| field(input));
    let defaults = inputs(tool).filter_map(|input| {
        let default = input.default.as_ref()?;
        let (ty, function) = (&input.ty, default_name(&input.name));
        Some(quote_spanned!(default.span()=> fn #function() -> #ty { #default }))
    });
    let readers = inputs(tool).map(|input| reader(input, &tool.runtime));
    quote! {
        // What schemars derives relies on the prelude, which the module may do without.
        #[allow(unused_imports, reason = "most modules have a prelude")]
        use #runtime::__private::prelude::{Default as _, Into as _, Some, ToString as _};
        #[derive(#runtime::__private::serde::Deserialize, #runtime::__private::schemars::JsonSchema)]
        #[serde(crate = #serde, deny_unknown_fields)]
        #[schemars(crate = #schemars)]
        struct #name {
            #(#fields,)*
        }
        #(#defaults)*
        #(#readers)*
    }
}

/// How an input is read and described, since serde and schemars take a path to a function and no type.
fn reader(input: &Input, runtime: &Runtime) -> TokenStream {
    let Input { name, ty, .. } = input;
    let (read, schema) = (read_name(name), schema_name(name));
    let at = runtime.at(ty.span());
    let (reads, describes) = (
        quote_spanned!(ty.span()=> <#ty as #at::Input>::read),
        quote_spanned!(ty.span()=> <#ty as #at::Input>::describe),
    );
    let runtime = runtime.path();
    quote! {
        fn #read<'de, D: #runtime::__private::serde::Deserializer<'de>>(given: D)
            -> #runtime::__private::core::result::Result<#ty, D::Error>
        {
            #reads(given)
        }
        fn #schema(generator: &mut #runtime::__private::schemars::SchemaGenerator)
            -> #runtime::__private::schemars::Schema
        {
            #describes(generator)
        }
    }
}

fn field(input: &Input) -> TokenStream {
    let Input { name, ty, docs, is_option, default, range, length, pattern } = input;
    let mut attributes = TokenStream::new();
    if default.is_some() {
        let function = default_name(name).to_string();
        attributes.extend(quote!(#[serde(default = #function)]));
    } else if *is_option {
        attributes.extend(quote!(#[serde(default)]));
    }
    if let Some((from, to)) = range {
        attributes.extend(quote!(#[schemars(range(min = #from, max = #to))]));
    }
    if let Some((least, most)) = length {
        attributes.extend(quote!(#[schemars(length(min = #least, max = #most))]));
    }
    if let Some(pattern) = pattern {
        attributes.extend(quote!(#[schemars(regex(pattern = #pattern))]));
    }
    // Both by our trait, and in the same words, so that a type that cannot be input is one error, at that type.
    let (read, schema) = (read_name(name).to_string(), schema_name(name).to_string());
    attributes.extend(quote!(#[serde(deserialize_with = #read)] #[schemars(schema_with = #schema)]));
    quote_spanned!(ty.span()=> #(#docs)* #attributes #name: #ty)
}

fn read_name(input: &Ident) -> Ident {
    format_ident!("__quilt_scope_read_{}", input.unraw())
}

fn schema_name(input: &Ident) -> Ident {
    format_ident!("__quilt_scope_schema_{}", input.unraw())
}

fn default_name(input: &Ident) -> Ident {
    format_ident!("__quilt_scope_default_{}", input.unraw())
}

fn describe(tool: &Tool) -> TokenStream {
    let runtime = tool.runtime.path();
    let Tool { function, name, title, description, hints, .. } = tool;
    let arguments = arguments_type(tool);
    let at = tool.runtime.at(arguments.span());
    let input_schema = quote_spanned!(arguments.span()=> <#arguments as #at::Input>::schema());
    let (Output::Value(output) | Output::Result(output, _)) = &tool.output;
    let at = tool.runtime.at(output.span());
    let output_schema = quote_spanned!(output.span()=> <#output as #at::Output>::schema());
    quote! {
        impl #runtime::Named for #function {
            const NAME: &'static str = #name;
            const TOOL: &'static Self = &Self {};
        }
        impl #runtime::Describe for #function {
            fn descriptor(&self) -> #runtime::Descriptor {
                #runtime::Descriptor::new(
                    #name,
                    #title,
                    #description,
                    #input_schema,
                    #output_schema,
                    #runtime::Hints::NONE #(.#hints())*,
                )
            }
        }
    }
}

fn call(tool: &Tool) -> TokenStream {
    let runtime = tool.runtime.path();
    let Tool { function, is_async, .. } = tool;
    let req = scope_lifetime();
    let written: Vec<_> = injected(tool).map(|one| &one.service).collect();
    let (container, scope) =
        (type_parameter("AnyContainer", quote!(#function #(#written)*)), hidden("scope"));
    let raw = hidden("raw");
    let scope_type = quote!(#container::Scope<#req>);
    let arguments_type = arguments_type(tool);

    let bounds = injected(tool).map(|one| {
        let bound = one.bound(&scope_type, &req, &tool.runtime);
        quote!(for<#req> #bound)
    });
    let checks = inputs(tool).map(|input| checks(tool, input));
    let slots: Vec<Ident> =
        (0..injected(tool).count()).map(|i| format_ident!("__quilt_scope_injected_{i}")).collect();
    let asks = injected(tool).map(|one| one.ask(&scope_type, &scope, &req, &tool.runtime));
    let mut next_slot = slots.iter();
    let actual = tool.parameters.iter().map(|parameter| match parameter {
        Parameter::Injected(_) => {
            let slot = next_slot.next().expect("one for each");
            quote!(#slot)
        }
        Parameter::Input(input) => {
            let given = given(&input.name);
            quote!(#given)
        }
        Parameter::Set { name, .. } => {
            let given = given(name);
            quote!(#given)
        }
    });
    let called = quote!(#function(#(#actual),*));
    let called = if *is_async { quote!(#called.await) } else { called };
    // At the result, for what it lacks is said there.
    let at = tool.runtime.at(tool.returned);
    let outcome = match &tool.output {
        Output::Result(output, error) => {
            let at_error = error.as_ref().map_or(tool.returned, Spanned::span);
            let runtime_at_error = tool.runtime.at(at_error);
            let answer = match error {
                Some(error) => {
                    quote_spanned!(at_error=> <#error as #runtime_at_error::Failure>::answer(#called))
                }
                None => quote_spanned!(at_error=> #runtime_at_error::Failure::answer(#called)),
            };
            let value = quote_spanned!(output.span()=> <#output as #at::Output>::into_value);
            quote!(#value(#answer?))
        }
        Output::Value(output) => {
            quote_spanned!(output.span()=> <#output as #at::Output>::into_value(#called))
        }
    };
    // Each in a variable that has the place of its parameter, for that is where to say that it is not `Send`.
    let set = tool.parameters.iter().find_map(|parameter| match parameter {
        Parameter::Set { name, .. } => Some(given(name)),
        _ => None,
    });
    let taken = match set {
        Some(set) => quote!(#set),
        None => {
            let fields = inputs(tool).map(|input| {
                let (name, given) = (&input.name, given(&input.name));
                quote!(#name: #given)
            });
            quote!(#arguments_type { #(#fields),* })
        }
    };
    let at_arguments = tool.runtime.at(arguments_type.span());
    let read = quote_spanned!(arguments_type.span()=> <#arguments_type as #at_arguments::Input>::read_all);
    let waited = quote_spanned!(function.span()=> .await);
    let steps = quote! {
        let #taken = #read(#raw)?;
        #(#checks)*
        let (#(#slots,)*) = #runtime::__private::Join::all((#(#asks,)*))
            #waited
            .map_err(#runtime::CallError::Scope)?;
        #outcome
    };
    // At the function's name, for that is where to say that its future is not `Send`.
    let at = tool.runtime.at(function.span());
    let body = quote_spanned!(function.span()=> #at::tool_future(async move { #steps }));
    let implementation = quote_spanned!(function.span()=> #at::Tool<#container>);
    let implement = quote_spanned!(function.span()=> impl);
    quote! {
        #implement<#container> #implementation for #function
        where
            #container: #runtime::Container,
            #(#bounds,)*
        {
            #[allow(unused_variables, reason = "a tool may take nothing")]
            fn call<#req>(
                &#req self,
                #scope: &#req #scope_type,
                #raw: #runtime::JsonObject,
            ) -> #runtime::BoxFuture<
                #req,
                #runtime::__private::core::result::Result<#runtime::__private::serde_json::Value, #runtime::CallError>,
            > {
                #body
            }
        }
    }
}

/// The variable of an input. It is in nobody's way, and has the place of the parameter.
fn given(parameter: &Ident) -> Ident {
    format_ident!("given_{}", parameter.unraw(), span = Span::mixed_site().located_at(parameter.span()))
}

/// What the schema promises about an input, held.
fn checks(tool: &Tool, input: &Input) -> TokenStream {
    let runtime = tool.runtime.path();
    let Input { name, ty, is_option, range, length, pattern, .. } = input;
    let (text, given) = (name.to_string(), given(name));
    let values = if *is_option { quote!(&#given) } else { quote!([&#given]) };
    let range = range.iter().map(|(from, to)| {
        quote_spanned!(from.span()=> #runtime::__private::check_range(#text, #values, #from..=#to)?;)
    });
    // Through the type, so that one without a length is told so where it stands.
    let length = length.iter().map(|(least, most)| {
        let at = tool.runtime.at(ty.span());
        let held = quote_spanned!(ty.span()=> <#ty as #at::Length>::held);
        quote!(#held(&#given, #text, #least..=#most)?;)
    });
    let pattern = pattern.iter().map(|pattern| {
        quote! {{
            static PATTERN: #runtime::__private::Pattern = #runtime::__private::Pattern::new(#pattern);
            PATTERN.check(#text, #values)?;
        }}
    });
    quote!(#(#range)* #(#length)* #(#pattern)*)
}
