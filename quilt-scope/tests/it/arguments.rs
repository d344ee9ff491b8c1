//! Arguments are checked before anything is built, and an error says which one.

use quilt_scope::{BoxError, CallError, Scope, Slot, ToolSet, scoped_tool, service, tool_set};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::journal::{Journal, now};

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
}

struct Store;

#[service]
impl Store {
    fn new(journal: &Journal) -> Result<Self, BoxError> {
        journal.note("built");
        if journal.notes().len() > 1 { Err("the second fails".into()) } else { Ok(Self) }
    }
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    store: Slot<Store>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Operation {
    Read,
    Write,
}

/// Checks.
#[scoped_tool(read_only)]
async fn check(
    _store: &Store,
    #[pattern("^[a-z]+$")] bucket: String,
    #[default(vec![Operation::Read])] operations: Vec<Operation>,
    #[default(5)]
    #[range(1..=10)]
    max: u32,
    #[range(0.0..=1.0)] share: Option<f64>,
    #[pattern("^[0-9]+$")] version: Option<String>,
) -> Result<String, BoxError> {
    if bucket == "broken" {
        return Err("this bucket is broken".into());
    }
    Ok(format!("{bucket} {operations:?} {max} {share:?} {version:?}"))
}

/// Adds.
#[scoped_tool]
fn add(left: i64, right: i64) -> i64 {
    left + right
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    words: Vec<String>,
}

/// Searches.
#[scoped_tool]
fn search(_store: &Store, #[params] search: Search) -> usize {
    search.words.len()
}

/// Finds.
#[scoped_tool]
fn find(_store: &Store, filter: Search, r#type: Option<String>) -> usize {
    filter.words.len() + r#type.map_or(0, |name| name.len())
}

/// The answer, and what has been built for it.
fn call(name: &str, arguments: Value) -> (Result<Value, CallError>, usize) {
    let tools: ToolSet<RequestScope<'static>> = tool_set![check, add, search, find];
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    let answer = now(tools.call(name, &scope, arguments).expect("it is in the set"));
    (answer, app.journal.notes().len())
}

/// Path and text of the error; nothing may have been built.
fn refused(name: &str, arguments: Value) -> (String, String) {
    match call(name, arguments) {
        (Err(CallError::Arguments(error)), 0) => (error.path().to_owned(), error.to_string()),
        (other, built) => panic!("it answered {other:?} and built {built}"),
    }
}

#[test]
fn an_unknown_tool_is_nothing() {
    let tools: ToolSet<RequestScope<'static>> = tool_set![add];
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    assert!(tools.call("check", &scope, serde_json::Map::new()).is_none());
}

#[test]
fn defaults_fill_in_what_is_not_given() {
    let (answer, built) = call("check", json!({"bucket": "data"}));
    assert_eq!(answer.ok(), Some(json!("data [Read] 5 None None")));
    assert_eq!(built, 1);
}

#[test]
fn what_is_given_is_taken() {
    let all =
        json!({"bucket": "data", "operations": ["write", "read"], "max": 10, "share": 1.0, "version": "17"});
    let (answer, _) = call("check", all);
    assert_eq!(answer.ok(), Some(json!("data [Write, Read] 10 Some(1.0) Some(\"17\")")));
}

#[test]
fn null_is_as_good_as_absent_for_an_option() {
    let (answer, _) = call("check", json!({"bucket": "data", "share": null, "version": null}));
    assert!(answer.is_ok());
}

#[test]
fn a_synchronous_infallible_tool_is_called_as_well() {
    assert_eq!(call("add", json!({"left": 2, "right": 3})).0.ok(), Some(json!(5)));
}

#[test]
fn a_missing_argument_is_named() {
    let (_, text) = refused("check", json!({}));
    assert_eq!(text, "missing field `bucket`");
}

#[test]
fn an_unknown_argument_is_named_with_those_that_are_known() {
    let (path, text) = refused("check", json!({"bucket": "data", "limit": 3}));
    assert_eq!(path, "limit");
    assert!(text.contains("unknown field `limit`") && text.contains("`max`"), "{text}");
}

#[test]
fn an_argument_of_the_wrong_type_is_named() {
    let (path, text) = refused("add", json!({"left": 1, "right": "2"}));
    assert_eq!(path, "right");
    assert_eq!(text, "`right`: invalid type: string \"2\", expected i64");
}

#[test]
fn the_path_leads_into_a_list() {
    let (path, text) = refused("check", json!({"bucket": "data", "operations": ["read", "erase"]}));
    assert_eq!(path, "operations[1]");
    assert!(text.contains("`erase`") && text.contains("`read`") && text.contains("`write`"), "{text}");
}

#[test]
fn the_path_leads_into_a_parameter_struct() {
    assert_eq!(refused("search", json!({"words": ["one", 2]})).0, "words[1]");
    assert_eq!(refused("search", json!({"words": [], "exact": true})).0, "exact");
}

#[test]
fn the_path_leads_into_an_argument() {
    assert_eq!(refused("find", json!({"filter": {"words": ["one", 2]}})).0, "filter.words[1]");
    assert_eq!(refused("find", json!({"filter": {"words": [], "exact": true}})).0, "filter.exact");
    assert_eq!(refused("find", json!({"filter": {}})).0, "filter");
    assert_eq!(refused("find", json!({"filter": "words"})).0, "filter");
}

#[test]
fn a_parameter_with_the_name_of_a_keyword_goes_by_that_name() {
    let (answer, _) = call("find", json!({"filter": {"words": ["one"]}, "type": "four"}));
    assert_eq!(answer.ok(), Some(json!(5)));
}

#[test]
fn null_is_nothing_also_under_an_unknown_name_and_for_what_has_to_be_there() {
    assert_eq!(call("add", json!({"left": 1, "right": 1, "carry": null})).0.ok(), Some(json!(2)));
    assert_eq!(refused("add", json!({"left": 1, "right": null})).1, "missing field `right`");
}

#[test]
fn an_argument_out_of_its_range_is_refused_at_both_ends() {
    for max in [0, 11] {
        let (path, text) = refused("check", json!({"bucket": "data", "max": max}));
        assert_eq!(path, "max");
        assert_eq!(text, format!("`max`: {max} is out of range: from 1 to 10"));
    }
    for max in [1, 10] {
        assert!(call("check", json!({"bucket": "data", "max": max})).0.is_ok());
    }
}

#[test]
fn the_range_of_an_option_holds_when_it_is_given() {
    assert_eq!(refused("check", json!({"bucket": "data", "share": 1.5})).0, "share");
}

#[test]
fn an_argument_that_does_not_match_its_pattern_is_refused() {
    let (path, text) = refused("check", json!({"bucket": "DATA"}));
    assert_eq!((&*path, &*text), ("bucket", "`bucket`: \"DATA\" does not match the pattern ^[a-z]+$"));
    assert_eq!(refused("check", json!({"bucket": "data", "version": "v1"})).0, "version");
}

#[test]
fn what_the_function_returns_as_error_comes_back_whole() {
    let (answer, _) = call("check", json!({"bucket": "broken"}));
    let Err(CallError::Tool(error)) = answer else { panic!("it answered {answer:?}") };
    assert_eq!(error.to_string(), "this bucket is broken");
}

#[test]
fn a_service_that_cannot_be_built_is_not_the_tools_error() {
    let tools: ToolSet<RequestScope<'static>> = tool_set![search];
    let app = App::open(Journal::default());
    app.journal.note("one already");
    let scope = RequestScope::open(&app);
    let arguments = json!({"words": []}).as_object().cloned().expect("it is an object");
    let answer = now(tools.call("search", &scope, arguments).expect("it is in the set"));
    let Err(CallError::Scope(error)) = answer else { panic!("it answered {answer:?}") };
    assert_eq!(error.service(), "Store");
}
