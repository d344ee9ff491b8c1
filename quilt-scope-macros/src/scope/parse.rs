//! What was written: a struct, and what is said about each field.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Fields, Ident, Type};

use crate::attributes::{Options, options_of};
use crate::diagnostics::{self, Errors};

const CONTAINER_OPTIONS: &[&str] = &["crate", "no_prelude"];
const FIELD_OPTIONS: &[&str] = &["parent", "seed", "observer", "provides", "inherits"];

pub(super) struct Written {
    pub(super) name: Ident,
    pub(super) visibility: syn::Visibility,
    pub(super) generics: syn::Generics,
    pub(super) options: Options,
    /// Whether fields could be there: it is a struct, and they go by names.
    pub(super) has_fields: bool,
    pub(super) fields: Vec<WrittenField>,
    pub(super) errors: Errors,
}

pub(super) struct WrittenField {
    pub(super) name: Ident,
    pub(super) ty: Type,
    pub(super) options: Options,
}

pub(super) fn parse(item: TokenStream) -> syn::Result<Written> {
    let input: DeriveInput = syn::parse2(item)?;
    let mut errors = Errors::default();
    let options = options_of(&input.attrs, "scope", CONTAINER_OPTIONS, &mut errors);
    let named = match input.data {
        Data::Struct(syn::DataStruct { fields: Fields::Named(fields), .. }) => Some(fields.named),
        _ => {
            errors.push(diagnostics::not_a_struct(&input.ident));
            None
        }
    };
    let has_fields = named.is_some();
    let fields = named.into_iter().flatten().map(|field| WrittenField {
        options: options_of(&field.attrs, "scope", FIELD_OPTIONS, &mut errors),
        name: field.ident.expect("fields are named"),
        ty: field.ty,
    });
    let fields = fields.collect();
    Ok(Written {
        name: input.ident,
        visibility: input.vis,
        generics: input.generics,
        options,
        has_fields,
        fields,
        errors,
    })
}
