//! What is said about accessors.

use proc_macro2::Span;
use syn::{Error, Ident};

use super::at;

pub(crate) fn accessor_form(place: Span) -> Error {
    Error::new(
        place,
        "an accessor is written as the function that the body calls and the service that it answers with: \
         `auth_service: AuthService<'_>`",
    )
}

pub(crate) fn accessor_twice(second: &Ident) -> Error {
    at(second, format!("the accessor `{second}` is given twice; remove one"))
}

pub(crate) fn accessor_taken_by_parameter(parameter: &Ident) -> Error {
    at(
        parameter,
        format!(
            "the parameter `{parameter}` hides the accessor of that name from the body; give the parameter another name"
        ),
    )
}

pub(crate) fn accessor_taken_in_body(name: &Ident) -> Error {
    at(
        name,
        format!("from here on `{name}` is something else than the request's service; give this another name"),
    )
}

pub(crate) fn accessor_hidden_by_glob(glob: &syn::UseGlob, accessor: &Ident) -> Error {
    at(
        glob.star_token,
        format!(
            "this may bring another `{accessor}` than the request's service into the body; name what is meant, or import it \
             outside"
        ),
    )
}

pub(crate) fn accessor_gone_past(name: &Ident) -> Error {
    at(
        name,
        format!(
            "by a path `{name}` is not the request's service but whatever is there; write just `{name}()`"
        ),
    )
}

pub(crate) fn accessor_unused(name: &Ident) -> Error {
    at(
        name,
        format!(
            "nothing calls `{name}()`, and what is listed is built for every call; remove it from `accessors`"
        ),
    )
}

pub(crate) fn accessor_out_of_reach(name: &Ident) -> Error {
    at(
        name,
        format!(
            "`{name}` is called outside the functions of this module, where nobody has the request's services; take them as \
             parameters here"
        ),
    )
}
