//! What a client gives: how it is read, and how it is described.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::arguments::Argument;
use crate::inputs::{Inputs, Property};
use crate::tool::{ArgumentError, CallError, JsonObject, as_object};

/// What a tool may take by value. Implemented for all that is `Deserialize` and `JsonSchema`.
///
/// One trait for both, so that a type which is neither is told so once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a tool's input",
    label = "what a client sends could not be read, or the client not be told what to send",
    note = "what a tool takes by value is its input: write `#[derive(serde::Deserialize, schemars::JsonSchema)]` on \
            `{Self}`; if it is a service, take it by reference: `&{Self}`"
)]
pub trait Input: Sized {
    /// Reads one argument, which has to be there.
    ///
    /// # Errors
    ///
    /// When it is not, or does not fit.
    #[doc(hidden)]
    fn take(argument: Argument) -> Result<Self, CallError>;

    /// Reads one argument, which may be left out.
    ///
    /// # Errors
    ///
    /// When it does not fit.
    #[doc(hidden)]
    fn take_or(argument: Argument, default: fn() -> Self) -> Result<Self, CallError>;

    /// Describes one argument.
    #[doc(hidden)]
    fn describe<'i>(inputs: &'i mut Inputs, name: &'static str, docs: &str) -> &'i mut Property;

    /// Reads all arguments of a call.
    ///
    /// # Errors
    ///
    /// When they do not fit.
    #[doc(hidden)]
    fn read_all(arguments: JsonObject) -> Result<Self, CallError>;

    /// Describes all arguments of a call.
    #[doc(hidden)]
    fn schema() -> JsonObject;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Input for T {
    #[inline]
    fn take(argument: Argument) -> Result<Self, CallError> {
        let name = argument.name();
        argument.read()?.ok_or_else(|| Argument::missing(name))
    }

    #[inline]
    fn take_or(argument: Argument, default: fn() -> Self) -> Result<Self, CallError> {
        Ok(argument.read()?.unwrap_or_else(default))
    }

    fn describe<'i>(inputs: &'i mut Inputs, name: &'static str, docs: &str) -> &'i mut Property {
        let schema = inputs.generator().subschema_for::<T>();
        inputs.push(name, docs, schema)
    }

    fn read_all(mut arguments: JsonObject) -> Result<Self, CallError> {
        // Many clients send `null` for an argument that their user left out.
        arguments.retain(|_, argument| !argument.is_null());
        serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
            let path = error.path().to_string();
            let path = if path == "." { String::new() } else { path };
            CallError::Arguments(ArgumentError::new(path, error.into_inner()))
        })
    }

    fn schema() -> JsonObject {
        as_object::<T>(SchemaSettings::draft2020_12())
    }
}
