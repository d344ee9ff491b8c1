//! One call of a tool: arguments out of JSON, a service of the request, a result into what MCP answers with.
//!
//! All three begin with rmcp's request and its context, and end with rmcp's result, as a server has and needs them.

use std::error::Error;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, NumberOrString};
use rmcp::service::{Peer, RequestContext, serve_directly};
use rmcp::{RoleServer, ServerHandler, tool, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The service of the request.
pub struct Auth {
    bytes: [u8; 64],
    text: String,
}

#[service]
impl Auth {
    #[inline]
    pub fn new() -> Self {
        Self { bytes: black_box([7; 64]), text: String::from(black_box("twenty-four bytes of it.")) }
    }
}

#[derive(Serialize, JsonSchema)]
struct Sum {
    total: u64,
    labels: Vec<String>,
}

fn add(auth: &Auth, left: u32, right: u32, labels: Vec<String>) -> Sum {
    let own = usize::from(auth.bytes[black_box(3)]) + auth.text.len();
    Sum { total: u64::from(left) + u64::from(right) + own as u64, labels }
}

/// Adds up, and repeats the labels.
#[scoped_tool]
async fn sum(auth: &Auth, left: u32, right: u32, labels: Vec<String>) -> Sum {
    add(auth, left, right, labels)
}

#[derive(Scope)]
struct App {}

#[derive(Scope)]
struct Request<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    left: u32,
    right: u32,
    labels: Vec<String>,
}

#[derive(Clone)]
struct Server;

#[tool_router]
impl Server {
    /// Adds up, and repeats the labels.
    #[tool]
    async fn sum(&self, Parameters(arguments): Parameters<Arguments>) -> Json<Sum> {
        let Arguments { left, right, labels } = arguments;
        Json(add(&Auth::new(), left, right, labels))
    }
}

impl ServerHandler for Server {}

/// All that is there before a call.
pub struct Bench {
    app: App,
    tools: ToolSet<Request<'static>>,
    router: ToolRouter<Server>,
    peer: Peer<RoleServer>,
}

/// A way to answer a call.
pub type Answer = fn(&Bench, CallToolRequestParams, RequestContext<RoleServer>) -> Option<CallToolResult>;

/// Everybody, by name.
pub const WHO: [(&str, Answer); 3] =
    [("rmcp", by_rmcp), ("quilt-scope", by_framework), ("directly", directly)];

fn by_rmcp(
    bench: &Bench,
    params: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Option<CallToolResult> {
    let response = ready(bench.router.call(ToolCallContext::new(&Server, params, context))).ok()?;
    match response {
        CallToolResponse::Complete(result) => Some(result),
        _ => None,
    }
}

fn by_framework(
    bench: &Bench,
    params: CallToolRequestParams,
    _: RequestContext<RoleServer>,
) -> Option<CallToolResult> {
    let request = Request::open(&bench.app);
    let call = bench.tools.call(&params.name, &request, params.arguments.unwrap_or_default())?;
    ready(call).ok().map(CallToolResult::structured)
}

fn directly(
    _: &Bench,
    params: CallToolRequestParams,
    _: RequestContext<RoleServer>,
) -> Option<CallToolResult> {
    let arguments = serde_json::from_value(Value::Object(params.arguments.unwrap_or_default()));
    let Arguments { left, right, labels } = arguments.ok()?;
    let auth: OnceLock<Auth> = OnceLock::new();
    let sum = ready(sum(auth.get_or_init(Auth::new), left, right, labels));
    serde_json::to_value(sum).ok().map(CallToolResult::structured)
}

impl Bench {
    /// Needs to be within a runtime.
    pub fn open() -> Self {
        let (ours, _theirs) = tokio::io::duplex(64);
        let running = serve_directly(Server, ours, None);
        Self {
            app: App::open(),
            tools: tool_set![sum],
            router: Server::tool_router(),
            peer: running.peer().clone(),
        }
    }

    /// One call, from its arguments to its answer.
    pub fn once(&self, answer: Answer) {
        let mut arguments = Map::new();
        arguments.insert("left".to_owned(), 1.into());
        arguments.insert("right".to_owned(), 2.into());
        arguments.insert("labels".to_owned(), ["one", "two", "three"].map(Value::from).to_vec().into());
        let params = CallToolRequestParams::new("sum").with_arguments(arguments);
        let context = RequestContext::new(NumberOrString::Number(1), self.peer.clone());
        let result = answer(self, params, context).expect("the call is good");
        assert!(black_box(result).is_error != Some(true));
    }
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it had to wait"),
    }
}
