//! A call of a tool: arguments out of JSON, a service of the request, a result into JSON.

use std::sync::OnceLock;

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, tool_set};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::contenders::App;
use crate::contenders::services::Auth;
use crate::contenders::work::ready;

#[derive(Serialize, JsonSchema)]
struct Sum {
    total: u64,
    labels: Vec<String>,
}

/// Adds up, and repeats the labels.
#[scoped_tool]
async fn sum(auth: &Auth, left: u32, right: u32, labels: Vec<String>) -> Sum {
    Sum { total: u64::from(left) + u64::from(right) + auth.state.read() as u64, labels }
}

#[derive(Scope)]
struct Request<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

fn arguments() -> Map<String, Value> {
    let labels = ["one", "two", "three"].map(Value::from).to_vec();
    [("left".to_owned(), 1.into()), ("right".to_owned(), 2.into()), ("labels".to_owned(), labels.into())]
        .into_iter()
        .collect()
}

pub(crate) fn by_framework(app: &App) -> usize {
    static TOOLS: OnceLock<ToolSet<Request<'static>>> = OnceLock::new();
    let tools = TOOLS.get_or_init(|| tool_set![sum]);
    let request = Request::open(app);
    let Some(call) = tools.call("sum", &request, arguments()) else { return 0 };
    ready(call).map_or(0, |value| usize::from(value.is_object()))
}

pub(crate) fn by_hand(_: &App) -> usize {
    #[derive(Deserialize)]
    struct Arguments {
        left: u32,
        right: u32,
        labels: Vec<String>,
    }
    let Ok(Arguments { left, right, labels }) = serde_json::from_value(Value::Object(arguments())) else {
        return 0;
    };
    let slot = OnceLock::new();
    let auth: &Auth = slot.get_or_init(Auth::new);
    let sum = ready(sum(auth, left, right, labels));
    serde_json::to_value(sum).map_or(0, |value| usize::from(value.is_object()))
}
