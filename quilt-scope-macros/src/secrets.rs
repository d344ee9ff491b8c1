//! `#[derive(Secrets)]`: each field is wiped on drop, is borrowed, or holds none.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Field, Type};

use crate::attributes::{Options, options_of};
use crate::diagnostics::{self, Errors, compile_error};
use crate::injected::type_argument;
use crate::paths::{Runtime, allow_absolute_paths};

const STRUCT_OPTIONS: &[&str] = &["crate"];
const FIELD_OPTIONS: &[&str] = &["none"];

/// A struct whose secrets are to be wiped.
struct Holder {
    runtime: Runtime,
    input: DeriveInput,
    /// The types that have to wipe themselves.
    wiped: Vec<Type>,
}

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    match syn::parse2(item).and_then(check) {
        Ok(holder) => implement(&holder),
        Err(error) => compile_error(&error),
    }
}

fn check(input: DeriveInput) -> syn::Result<Holder> {
    let mut errors = Errors::default();
    let options = options_of(&input.attrs, "secrets", STRUCT_OPTIONS, &mut errors);
    let runtime = Runtime::new(options.value("crate", "path", &mut errors));
    let Data::Struct(data) = &input.data else {
        errors.push(diagnostics::secrets_of_no_struct(&input.ident));
        return errors.finish(None);
    };
    let wiped = data.fields.iter().filter_map(|field| secret(field, &mut errors)).collect();
    errors.finish(Some(Holder { runtime, wiped, input }))
}

/// What has to wipe itself, unless the field is borrowed or says that it holds no secret.
fn secret(field: &Field, errors: &mut Errors) -> Option<Type> {
    let options: Options = options_of(&field.attrs, "secrets", FIELD_OPTIONS, errors);
    let holds_none = options.word("none", errors).is_some();
    let held = seen_through(&field.ty);
    (!holds_none && !matches!(held, Type::Reference(_))).then(|| held.clone())
}

/// `Option` and `Box` hold it in their own place, or in one that is freed with them.
fn seen_through(ty: &Type) -> &Type {
    match ty {
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Option" || last.ident == "Box" => {
                type_argument(last).map_or(ty, seen_through)
            }
            _ => ty,
        },
        _ => ty,
    }
}

fn implement(holder: &Holder) -> TokenStream {
    let Holder { runtime, input, wiped } = holder;
    let name = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let asserted = wiped.iter().map(|ty| {
        let at = runtime.at(ty.span());
        quote_spanned!(ty.span()=> <#ty as #at::Wiped>::assert();)
    });
    let runtime = runtime.path();
    let allow = allow_absolute_paths(Span::call_site());
    quote! {
        #allow
        const _: () = {
            impl #impl_generics #runtime::Secrets for #name #ty_generics #where_clause {
                fn assert_wiped() {
                    #(#asserted)*
                }
            }
        };
    }
}
