//! A length is in the schema, in JSON Schema's words, and held before anything is built.

use std::collections::{BTreeSet, VecDeque};

use quilt_scope::{CallError, Describe as _, Length, Scope, ToolSet, scoped_tool, tool_set};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::journal::now;

#[derive(Scope)]
struct App {}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

/// A text with a meaning.
#[derive(Deserialize, JsonSchema)]
struct Title(String);

impl Length for Title {
    const UNIT: &'static str = "characters";

    fn length(&self) -> usize {
        self.0.length()
    }
}

const MOST: usize = 2;

/// Says what it was given.
#[scoped_tool(read_only)]
fn label(
    #[length(1..=3)] name: String,
    #[default(vec![1])]
    #[length(1..=MOST)]
    numbers: Vec<u32>,
    #[length(2..=2)] title: Option<Title>,
    #[length(0..=1)] tags: Option<BTreeSet<String>>,
) -> String {
    format!("{name} {numbers:?} {} {tags:?}", title.map_or_else(String::new, |title| title.0))
}

fn call(arguments: Value) -> Result<Value, CallError> {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    let tools: ToolSet<RequestScope<'static>> = tool_set![label];
    let app = App::open();
    let scope = RequestScope::open(&app);
    now(tools.call("label", &scope, arguments).expect("it is in the set"))
}

/// What the caller is told of these arguments.
fn refused(arguments: Value) -> String {
    match call(arguments) {
        Err(CallError::Arguments(error)) => error.to_string(),
        other => panic!("they are refused, and not {other:?}"),
    }
}

#[test]
fn the_schema_counts_characters_of_a_text_and_items_of_a_list() {
    let schema = label {}.descriptor().input_schema;
    let property = |name: &str| &schema["properties"][name];
    assert_eq!((&property("name")["minLength"], &property("name")["maxLength"]), (&json!(1), &json!(3)));
    assert_eq!((&property("numbers")["minItems"], &property("numbers")["maxItems"]), (&json!(1), &json!(2)));
    assert_eq!(property("title")["maxLength"], 2);
    assert_eq!(property("tags")["maxItems"], 1);
    assert_eq!(property("numbers").get("maxLength"), None);
}

#[test]
fn both_ends_are_allowed_and_characters_are_not_bytes() {
    assert!(call(json!({"name": "日本語", "numbers": [1, 2], "title": "né", "tags": ["a"]})).is_ok());
    assert!(call(json!({"name": "a"})).is_ok());
}

#[test]
fn what_is_beyond_an_end_is_refused_by_name() {
    assert_eq!(refused(json!({"name": ""})), "`name`: has 0 characters; from 1 to 3 are allowed");
    assert_eq!(refused(json!({"name": "abcd"})), "`name`: has 4 characters; from 1 to 3 are allowed");
    assert_eq!(
        refused(json!({"name": "a", "numbers": []})),
        "`numbers`: has 0 items; from 1 to 2 are allowed"
    );
    assert_eq!(
        refused(json!({"name": "a", "title": "abc"})),
        "`title`: has 3 characters; from 2 to 2 are allowed"
    );
    assert_eq!(
        refused(json!({"name": "a", "tags": ["a", "b"]})),
        "`tags`: has 2 items; from 0 to 1 are allowed"
    );
}

#[test]
fn what_wraps_a_text_or_a_list_has_its_length() {
    assert_eq!(Box::<str>::from("né").length(), 2);
    assert_eq!(std::borrow::Cow::from("né").length(), 2);
    assert_eq!(VecDeque::from([1, 2, 3]).length(), 3);
    assert_eq!(None::<String>.length(), 0);
}
