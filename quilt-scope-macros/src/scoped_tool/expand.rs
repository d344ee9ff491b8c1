//! What it becomes: a type of the function's name that is a tool.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned;
use syn::{Ident, ItemFn, Type};

use super::check::{Input, Output, Parameter, Tool, scope_lifetime};
use crate::attributes::{doc_text, hidden, type_parameter};
use crate::injected::{Injected, bare_name, found_out};
use crate::paths::{Runtime, allow_absolute_paths};

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
    let defaults = defaults(tool);
    let describe = describe(tool);
    let call = call(tool);
    let found_out = found_out(false, injected(tool), &tool.runtime);
    let allow = allow_absolute_paths(Span::call_site());
    quote! {
        // Braced, so that it is in the type namespace alone and can share the function's name.
        #[allow(non_camel_case_types, reason = "a tool goes by the name of its function")]
        #[doc = #doc]
        #visibility struct #function {}
        #allow
        const _: () = {
            #found_out
            #defaults
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

/// The parameter that is the whole input, if there is one.
fn set(tool: &Tool) -> Option<(&Ident, &Type)> {
    tool.parameters.iter().find_map(|parameter| match parameter {
        Parameter::Set { name, ty } => Some((name, ty)),
        _ => None,
    })
}

/// A function for each default, since it is shown to clients and used for calls.
fn defaults(tool: &Tool) -> TokenStream {
    let defaults = inputs(tool).filter_map(|input| {
        let default = input.default.as_ref()?;
        let (ty, function) = (&input.ty, default_name(&input.name));
        Some(quote_spanned!(default.span()=> fn #function() -> #ty { #default }))
    });
    quote!(#(#defaults)*)
}

fn default_name(input: &Ident) -> Ident {
    format_ident!("__quilt_scope_default_{}", input.unraw())
}

/// What clients are told of the input.
fn input_schema(tool: &Tool) -> TokenStream {
    if let Some((_, ty)) = set(tool) {
        let at = tool.runtime.at(ty.span());
        return quote_spanned!(ty.span()=> <#ty as #at::Input>::schema());
    }
    let runtime = tool.runtime.path();
    let sink = hidden("inputs");
    let described = inputs(tool).map(|input| {
        let Input { name, ty, docs, is_option, default, range, length, pattern } = input;
        let at = tool.runtime.at(ty.span());
        let describe = quote_spanned!(ty.span()=> <#ty as #at::Input>::describe);
        let (name, docs) = (name.unraw().to_string(), doc_text(docs));
        let optional = match default {
            Some(_) => {
                let function = default_name(&input.name);
                Some(quote! {
                    .optional({
                        use #runtime::__private::NotShown as _;
                        #runtime::__private::Shown(#function()).value()
                    })
                })
            }
            None => is_option.then(|| quote!(.optional(#runtime::__private::NULL))),
        };
        let range = range.iter().map(|(from, to)| quote_spanned!(from.span()=> .range(#from, #to)));
        let length = length.iter().map(|(least, most)| quote_spanned!(least.span()=> .length(#least, #most)));
        let pattern = pattern.iter().map(|pattern| quote!(.pattern(#pattern)));
        quote!(#describe(#sink, #name, #docs) #optional #(#range)* #(#length)* #(#pattern)*;)
    });
    quote!(#runtime::__private::Inputs::schema(|#sink| { #(#described)* }))
}

/// The arguments, each in a variable that has the place of its parameter, for that is where to say that it is not `Send`.
fn taken(tool: &Tool, raw: &Ident) -> TokenStream {
    if let Some((name, ty)) = set(tool) {
        let (given, at) = (given(name), tool.runtime.at(ty.span()));
        let read = held(tool, ty, &quote_spanned!(ty.span()=> <#ty as #at::Input>::read_all(#raw)?));
        return quote!(let #given = #read;);
    }
    let runtime = tool.runtime.path();
    let names = inputs(tool).map(|input| input.name.unraw().to_string());
    let sorted = inputs(tool).map(|input| given(&input.name));
    let each = inputs(tool).map(|input| {
        let Input { name, ty, is_option, default, .. } = input;
        let (given, at) = (given(name), tool.runtime.at(ty.span()));
        let default = match default {
            Some(_) => {
                let function = default_name(name);
                Some(quote!(#function))
            }
            None => is_option.then(|| quote!(#runtime::__private::core::default::Default::default)),
        };
        let take = match default {
            Some(default) => quote_spanned!(ty.span()=> <#ty as #at::Input>::take_or(#given, #default)?),
            None => quote_spanned!(ty.span()=> <#ty as #at::Input>::take(#given)?),
        };
        let taken = held(tool, ty, &take);
        quote!(let #given = #taken;)
    });
    quote! {
        let [#(#sorted),*] = #runtime::__private::arguments(&[#(#names),*], #raw)?;
        #(#each)*
    }
}

/// An input, which is held while services are awaited if there are some. Of an asynchronous tool the function's own future holds it, and is
/// asked.
fn held(tool: &Tool, ty: &Type, input: &TokenStream) -> TokenStream {
    if tool.is_async || injected(tool).next().is_none() {
        return input.clone();
    }
    let at = tool.runtime.at(ty.span());
    quote_spanned!(ty.span()=> #at::held::<#ty>(#input))
}

fn describe(tool: &Tool) -> TokenStream {
    let runtime = tool.runtime.path();
    let Tool { function, name, title, description, hints, .. } = tool;
    let input_schema = input_schema(tool);
    let (Output::Value(output) | Output::Result(output, _)) = &tool.output;
    let at = tool.runtime.at(output.span());
    let output_schema = quote_spanned!(output.span()=> <#output as #at::Output>::schema());
    let services: Vec<_> = injected(tool).map(|one| bare_name(&one.written)).collect();
    let named =
        (!services.is_empty()).then(|| quote!(const SERVICES: &'static [&'static str] = &[#(#services),*];));
    let taking = (!services.is_empty()).then(|| quote!(.taking(<Self as #runtime::Named>::SERVICES)));
    quote! {
        impl #runtime::Named for #function {
            const NAME: &'static str = #name;
            const TOOL: &'static Self = &Self {};
            #named
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
                #taking
            }
        }
    }
}

fn call(tool: &Tool) -> TokenStream {
    let runtime = tool.runtime.path();
    let Tool { function, is_async, .. } = tool;
    let req = scope_lifetime();
    let written: Vec<_> = injected(tool).map(|one| &one.service).collect();
    let (mut container, scope) =
        (type_parameter("AnyContainer", quote!(#function #(#written)*)), hidden("scope"));
    container.set_span(container.span().located_at(function.span()));
    let raw = hidden("raw");
    let scope_type = quote!(#container::Scope<#req>);

    let shared: TokenStream = quote!(for<#req> #scope_type: #runtime::SharedScope);
    let bounds = injected(tool).flat_map(|one| {
        let bound = one.bound(&scope_type, &req, &tool.runtime);
        let shares = one.shares(&quote!(#container::Whole), &tool.runtime);
        [Some(quote!(for<#req> #bound)), one.shared("'req", &tool.runtime), shares].into_iter().flatten()
    });
    let checks = inputs(tool).map(|input| checks(tool, input));
    let slots: Vec<Ident> =
        (0..injected(tool).count()).map(|i| format_ident!("__quilt_scope_injected_{i}")).collect();
    let asks = injected(tool).map(|one| one.ask(&scope, &tool.runtime));
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
    let called = quote_spanned!(function.span()=> #function(#(#actual),*));
    // At the function's name, for that is where to say that a future is not `Send`: its own before that of the whole call.
    let at = tool.runtime.at(function.span());
    let called =
        if *is_async { quote_spanned!(function.span()=> #at::tool_body(#called).await) } else { called };
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
    let taken = taken(tool, &raw);
    let waited = quote_spanned!(function.span()=> .await);
    let resolved = (!slots.is_empty()).then(|| {
        quote! {
            let (#(#slots,)*) = #runtime::__private::Join::all((#(#asks,)*))
                #waited
                .map_err(#runtime::CallError::Scope)?;
        }
    });
    let given = (!slots.is_empty()).then(|| {
        quote! {
            #[allow(unused_imports, reason = "for seeds and objects")]
            use #runtime::__private::OfNoService as _;
        }
    });
    let steps = quote! {
        #given
        #taken
        #(#checks)*
        #resolved
        #outcome
    };
    let at = tool.runtime.at(function.span());
    let body = quote_spanned!(function.span()=> #at::tool_future(async move { #steps }));
    let implement = quote_spanned!(function.span()=> impl<#container> #at::Tool<#container> for #function);
    quote! {
        #implement
        where
            #container: #runtime::Container,
            #shared,
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
    let (text, given) = (name.unraw().to_string(), given(name));
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
