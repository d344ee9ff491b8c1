//! What was written: a function, and what is said about each parameter.

use proc_macro2::TokenStream;
use syn::{Attribute, FnArg, ItemFn};

/// The function as the compiler may see it, and the attributes that it may not.
pub(super) struct Written {
    pub(super) function: ItemFn,
    /// The attributes of each parameter, in order.
    pub(super) attributes: Vec<Vec<Attribute>>,
}

pub(super) fn parse(item: TokenStream) -> syn::Result<Written> {
    let mut function: ItemFn = syn::parse2(item)?;
    let attributes = function
        .sig
        .inputs
        .iter_mut()
        .map(|input| match input {
            FnArg::Typed(typed) => std::mem::take(&mut typed.attrs),
            FnArg::Receiver(receiver) => std::mem::take(&mut receiver.attrs),
        })
        .collect();
    Ok(Written { function, attributes })
}
