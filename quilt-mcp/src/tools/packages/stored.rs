//! JSON that somebody else wrote, in an answer.

use quilt_package::Json;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// As it is; `null` is the same as nothing.
pub(super) fn value(json: Option<&Json>) -> Option<Value> {
    json.map(Json::to_value).filter(|value| !value.is_null())
}

/// Any value there can be, branch by branch: clients warn about a schema that says nothing.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "type": "object" },
            { "type": "array" },
            { "type": "string" },
            { "type": "number" },
            { "type": "boolean" },
        ],
    })
}
