//! JSON Schema, draft 7, without references.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// The only draft there is.
const DRAFT_7: &str = "http://json-schema.org/draft-07/schema#";
/// A schema may have this many bytes.
const MAX_SCHEMA: usize = 1024 * 1024;

/// After so many steps back a pattern gives up on a text, and has not matched: otherwise whoever keeps the registry decides for
/// how long a thread is busy. Only patterns that look around or refer to what they have matched take any.
pub(super) const BACKTRACKS: usize = 100_000;

/// A schema, ready to be held against something.
#[derive(Debug)]
pub(super) struct Schema(Validator);

impl Schema {
    /// Says what is wrong with it, to go on after "the schema".
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        if json.len() > MAX_SCHEMA {
            return Err(format!("has more than {MAX_SCHEMA} bytes"));
        }
        let schema: Value = serde_json::from_slice(json).map_err(|error| format!("is not JSON: {error}"))?;
        if refers(&schema) {
            return Err("uses `$ref`, which Quilt does not support; write out what it refers to".to_owned());
        }
        match schema.get("$schema") {
            None => {}
            Some(Value::String(draft)) if draft == DRAFT_7 => {}
            Some(other) => return Err(format!("is for {other}; only \"{DRAFT_7}\" is supported")),
        }
        let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS);
        let options = jsonschema::options().with_draft(Draft::Draft7).with_pattern_options(patterns);
        let validator = options.offline().build(&schema);
        validator.map(Self).map_err(|error| format!("is no JSON Schema: {error}"))
    }

    /// Says what does not match, and where.
    pub(super) fn check(&self, value: &Value) -> Result<(), String> {
        self.0.validate(value).map_err(|error| {
            let place = error.instance_path().to_string();
            if place.is_empty() { error.to_string() } else { format!("at `{place}`: {error}") }
        })
    }
}

fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.contains_key("$ref") || members.values().any(refers),
        Value::Array(items) => items.iter().any(refers),
        _ => false,
    }
}
