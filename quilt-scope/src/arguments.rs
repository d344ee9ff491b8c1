//! The arguments of one call, sorted by parameter.

use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

use crate::tool::{ArgumentError, CallError, JsonObject};

/// What a client gave for one parameter.
pub struct Argument {
    name: &'static str,
    given: Option<Value>,
}

/// Sorts what was given by the names of the parameters, and refuses what no parameter is called.
///
/// `null` is as good as nothing: many clients send it for what their user left out.
///
/// # Errors
///
/// When there is an argument of another name.
pub fn arguments<const N: usize>(
    names: &'static [&'static str; N],
    given: JsonObject,
) -> Result<[Argument; N], CallError> {
    let mut sorted = names.map(|name| Argument { name, given: None });
    for (name, value) in given {
        if value.is_null() {
            continue;
        }
        match sorted.iter_mut().find(|argument| argument.name == name) {
            Some(argument) => argument.given = Some(value),
            None => return Err(refused(&*name, serde_json::Error::unknown_field(&name, names))),
        }
    }
    Ok(sorted)
}

impl Argument {
    /// As a `T`, if it was given.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<Option<T>, CallError> {
        let Self { name, given } = self;
        match given {
            None => Ok(None),
            // There is no way into these, so nobody has to remember the way.
            Some(given) if !(given.is_array() || given.is_object()) => {
                T::deserialize(given).map(Some).map_err(|error| refused(name, error))
            }
            Some(given) => serde_path_to_error::deserialize(given)
                .map(Some)
                .map_err(|error| refused(within(name, error.path()), error.into_inner())),
        }
    }

    pub(crate) fn missing(name: &'static str) -> CallError {
        refused("", serde_json::Error::missing_field(name))
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

fn refused(path: impl Into<String>, error: serde_json::Error) -> CallError {
    CallError::Arguments(ArgumentError::new(path, error))
}

/// `operations[1]`, `filter.prefix`
fn within(name: &str, path: &serde_path_to_error::Path) -> String {
    match path.to_string().as_str() {
        "." => name.to_owned(),
        item if item.starts_with('[') => format!("{name}{item}"),
        field => format!("{name}.{field}"),
    }
}
