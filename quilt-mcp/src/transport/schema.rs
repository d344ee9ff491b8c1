//! Makes JSON Schemas such that no client warns about them or refuses them.
//!
//! Validators in clients print a warning for each `format` they do not know (`uint64`, `double`), and some models' APIs
//! refuse a type that is a union with `null`. Neither tells a client anything: what matters is checked by the server.

use serde_json::{Map, Value};

/// The formats that every JSON Schema validator in use knows.
const FORMATS: &[&str] = &[
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "json-pointer",
    "regex",
    "time",
    "uri",
    "uri-reference",
    "uuid",
];

/// A clean schema: an object with `properties`, in which what is optional has the schema it has when it is there. So an
/// output leaves out what is absent, and never holds `null` for it.
pub fn clean(mut schema: Map<String, Value>) -> Map<String, Value> {
    for noise in ["$schema", "title", "description"] {
        schema.remove(noise);
    }
    schema.insert("type".into(), "object".into());
    schema.entry("properties").or_insert_with(|| Map::new().into());
    walk(&mut schema, &mut drop_unknown_format);
    optional_is_not_null(&mut schema);
    schema
}

/// Whether a key of this name is anywhere in the schema.
pub(super) fn mentions(schema: &Map<String, Value>, key: &str) -> bool {
    fn within(value: &Value, key: &str) -> bool {
        match value {
            Value::Object(map) => mentions(map, key),
            Value::Array(all) => all.iter().any(|value| within(value, key)),
            _ => false,
        }
    }
    schema.iter().any(|(name, value)| name == key || within(value, key))
}

fn drop_unknown_format(schema: &mut Map<String, Value>) {
    if let Some(Value::String(format)) = schema.get("format")
        && !FORMATS.contains(&format.as_str())
    {
        schema.remove("format");
    }
}

fn optional_is_not_null(root: &mut Map<String, Value>) {
    walk(root, &mut |schema| {
        let required = schema.get("required").cloned();
        let is_required = |name: &str| {
            required.as_ref().and_then(Value::as_array).is_some_and(|names| names.iter().any(|n| n == name))
        };
        let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
        for (name, property) in properties {
            if let Value::Object(property) = property
                && !is_required(name)
            {
                without_null(property);
            }
        }
    });
}

/// `T | null` becomes `T`, in the three spellings that the schema generator has for it.
fn without_null(schema: &mut Map<String, Value>) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|v| !v.is_null());
    }
    for union in ["anyOf", "oneOf"] {
        let Some(Value::Array(choices)) = schema.get_mut(union) else { continue };
        choices.retain(|choice| choice.get("type") != Some(&Value::from("null")));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            schema.remove(union);
            for (keyword, value) in only {
                schema.entry(keyword).or_insert(value);
            }
        }
    }
}

/// Calls `visit` with every schema inside `schema`, itself included. A property that is *named* like a keyword is no
/// keyword, and `default`, `const`, `enum` and `examples` hold no schemas.
fn walk(schema: &mut Map<String, Value>, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    visit(schema);
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            (
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                Value::Object(named),
            ) => {
                for child in named.values_mut().filter_map(Value::as_object_mut) {
                    walk(child, visit);
                }
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(listed)) => {
                for child in listed.iter_mut().filter_map(Value::as_object_mut) {
                    walk(child, visit);
                }
            }
            (
                "items"
                | "additionalProperties"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "propertyNames"
                | "unevaluatedItems"
                | "unevaluatedProperties",
                Value::Object(child),
            ) => walk(child, visit),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use schemars::JsonSchema;
    use serde_json::json;

    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Input {
        /// How many.
        max_keys: u32,
        offset: Option<u64>,
        ratio: Option<f64>,
        format: Option<Kind>,
        nested: Option<Inner>,
        many: Vec<Inner>,
        by_name: BTreeMap<String, Option<i8>>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Inner {
        size: Option<usize>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Kind {
        Csv,
        Json,
    }

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("not an object: {other}"),
        }
    }

    fn generated() -> Map<String, Value> {
        map(schemars::schema_for!(Input).to_value())
    }

    #[test]
    fn no_schema_anywhere_has_a_format_that_clients_do_not_know() {
        let mut before = Vec::new();
        walk(&mut generated(), &mut |s| before.extend(s.get("format").cloned()));
        assert!(before.contains(&json!("uint32")), "the generator no longer gives what this guards against");

        let mut after = Vec::new();
        walk(&mut clean(generated()), &mut |s| {
            after.extend(s.get("format").and_then(Value::as_str).map(str::to_owned));
        });
        assert_eq!(after, Vec::<String>::new());
    }

    #[test]
    fn optional_properties_of_any_depth_are_not_unions_with_null() {
        let schema = Value::Object(clean(generated()));
        assert_eq!(schema["properties"]["offset"]["type"], "integer");
        assert_eq!(schema["properties"]["ratio"]["type"], "number");
        assert_eq!(schema["properties"]["nested"]["$ref"], "#/$defs/Inner");
        assert_eq!(schema["properties"]["format"]["$ref"], "#/$defs/Kind");
        assert_eq!(schema["$defs"]["Inner"]["properties"]["size"]["type"], "integer");
    }

    #[test]
    fn a_property_named_format_and_a_known_format_stay() {
        let schema = clean(map(json!({
            "type": "object",
            "properties": {"format": {"type": "string", "format": "uri"}, "id": {"type": "string", "format": "uint8"}},
        })));
        assert_eq!(schema["properties"]["format"], json!({"type": "string", "format": "uri"}));
        assert_eq!(schema["properties"]["id"], json!({"type": "string"}));
    }

    #[test]
    fn what_is_required_may_still_be_null() {
        let property = json!({"type": ["string", "null"]});
        let schema = clean(map(json!({"type": "object", "properties": {"a": property}, "required": ["a"]})));
        assert_eq!(schema["properties"]["a"], property);
    }

    #[test]
    fn a_schema_without_properties_gets_them() {
        assert_eq!(Value::Object(clean(Map::new())), json!({"type": "object", "properties": {}}));
    }

    #[test]
    fn values_are_not_mistaken_for_schemas() {
        let schema = clean(map(json!({
            "type": "object",
            "properties": {"a": {"type": "object", "default": {"format": "double"}, "enum": [{"format": "double"}]}},
        })));
        assert_eq!(schema["properties"]["a"]["default"]["format"], "double");
        assert_eq!(schema["properties"]["a"]["enum"][0]["format"], "double");
    }
}
