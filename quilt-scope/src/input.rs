//! What a client gives: how it is read, and how it is described.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserializer;
use serde::de::DeserializeOwned;
use serde_json::Value;

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
    /// Reads one argument.
    #[doc(hidden)]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Describes one argument.
    #[doc(hidden)]
    fn describe(generator: &mut SchemaGenerator) -> Schema;

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
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer)
    }

    fn describe(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
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
