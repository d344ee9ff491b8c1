//! What a client is told about a tool.

use quilt_scope::{
    BoxError, Describe as _, Hints, Lazy, Named as _, Scope, Slot, ToolSet, scoped_tool, service, tool_set,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

struct Clock;

#[service]
impl Clock {
    fn new() -> Self {
        Self
    }
}

#[derive(Scope)]
struct App {}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    clock: Slot<Clock>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    NewestFirst,
    OldestFirst,
}

/// A type that clients need not know of.
#[derive(Serialize, JsonSchema)]
struct Listing {
    /// The names.
    names: Vec<String>,
    /// Where to go on.
    next: Option<String>,
}

/// Lists what is there.
///
/// Returns names.
#[scoped_tool(read_only, idempotent, open_world)]
async fn list_things(
    _clock: &Clock,
    _lazy: Lazy<'_, Clock>,
    /// What the names
    /// begin with.
    #[pattern("^[a-z]*$")]
    #[default(String::new())]
    prefix: String,
    /// How many at most.
    #[default(100)]
    #[range(1..=1000)]
    max: u32,
    order: Order,
    /// Where to go on.
    after: Option<String>,
) -> Result<Listing, BoxError> {
    drop((prefix, max, order));
    Ok(Listing { names: Vec::new(), next: after })
}

#[test]
fn the_schema_has_the_values_and_nothing_that_is_injected() {
    let schema = serde_json::Value::Object(list_things {}.descriptor().input_schema);
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "prefix": {
                    "description": "What the names\nbegin with.",
                    "type": "string",
                    "default": "",
                    "pattern": "^[a-z]*$",
                },
                "max": {
                    "description": "How many at most.",
                    "type": "integer",
                    "format": "uint32",
                    "default": 100,
                    "minimum": 1,
                    "maximum": 1000,
                },
                "order": {"type": "string", "enum": ["newest_first", "oldest_first"]},
                "after": {"description": "Where to go on.", "type": ["string", "null"], "default": null},
            },
            "required": ["order"],
        })
    );
}

#[test]
fn the_result_has_a_schema_too() {
    let schema = serde_json::Value::Object(list_things {}.descriptor().output_schema);
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "properties": {
                "names": {"description": "The names.", "type": "array", "items": {"type": "string"}},
                "next": {"description": "Where to go on.", "type": ["string", "null"]},
            },
            "required": ["names", "next"],
        })
    );
}

#[test]
fn name_title_description_and_hints_come_from_the_function() {
    let descriptor = list_things {}.descriptor();
    assert_eq!(descriptor.name, "list_things");
    assert_eq!(descriptor.title, "List things");
    assert_eq!(descriptor.description, "Lists what is there.\n\nReturns names.");
    assert_eq!(descriptor.hints, Hints::NONE.read_only().idempotent().open_world());
    assert_eq!(descriptor.services, ["Clock", "Clock"]);
}

/// Removes it.
#[scoped_tool(destructive, name = "thing-remove", title = "Remove a thing")]
fn remove(name: String) -> usize {
    name.len()
}

#[test]
fn name_and_title_can_be_given() {
    assert_eq!(<remove>::NAME, "thing-remove");
    let descriptor = remove {}.descriptor();
    assert_eq!((descriptor.name, &*descriptor.title), ("thing-remove", "Remove a thing"));
    assert_eq!(descriptor.hints, Hints::NONE.destructive());
}

#[test]
fn the_function_is_still_a_function() {
    assert_eq!(remove("four".to_owned()), 4);
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// What to look for.
    words: Vec<String>,
    #[serde(default)]
    exact: bool,
}

/// Searches.
#[scoped_tool]
fn search(#[params] search: Search, _clock: &Clock) -> usize {
    search.words.len() + usize::from(search.exact)
}

#[test]
fn a_struct_can_be_the_whole_input() {
    let schema = serde_json::Value::Object(search {}.descriptor().input_schema);
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "words": {"description": "What to look for.", "type": "array", "items": {"type": "string"}},
                "exact": {"type": "boolean", "default": false},
            },
            "required": ["words"],
        })
    );
}

/// Takes nothing.
#[scoped_tool]
fn nothing() -> bool {
    true
}

#[test]
fn a_tool_without_input_has_an_object_schema() {
    let schema = serde_json::Value::Object(nothing {}.descriptor().input_schema);
    assert_eq!(schema, json!({"type": "object", "additionalProperties": false}));
}

#[test]
fn a_set_keeps_the_order_of_the_table() {
    let tools: ToolSet<RequestScope<'static>> = tool_set![search, list_things, remove, nothing];
    let names: Vec<_> = tools.descriptors().map(|descriptor| descriptor.name).collect();
    assert_eq!(names, ["search", "list_things", "thing-remove", "nothing"]);
    assert_eq!(format!("{tools:?}"), r#"["search", "list_things", "thing-remove", "nothing"]"#);
    assert!(tools.descriptor("remove").is_none(), "it goes by another name");
    assert!(tools.descriptor("thing-remove").is_some());
}
