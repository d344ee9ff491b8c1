//! A backend and callers for the tests: they record what they were asked, and wait to be told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, StatusCode};
use quilt_scope::{Descriptor, Hints};
use serde_json::{Map, Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::http::{HttpOptions, SessionLimits, name::only, site::Site, surface};
use super::{
    AuthFailure, Authenticate, Authenticated, Backend, Call, Limits, Outcome, PromptArgumentListing,
    PromptListing, ResourceListing, Server,
};
use crate::config::{self, Config, Door, Flags, Setting};
use crate::domain::access::Access;
use crate::domain::principal::{Grant, Principal, RoleGrant};
use crate::error::ToolError;

/// What an operator gets who sets nothing.
fn config(sessions: bool) -> (config::Limits, HttpOptions) {
    let given = vec![(Setting::Transport, "http".into()), (Setting::Sessions, sessions.to_string())];
    let home = ("HOME".into(), "/home/alice".into());
    let config = Config::load(Flags { config: None, given }, [home]).expect("nothing contradicts");
    match config.door {
        Door::Http(http) => (config.limits, http.into()),
        Door::Stdio => panic!("http was asked for"),
    }
}

impl Default for Limits {
    fn default() -> Self {
        config(false).0.into()
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        config(false).1
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        config(true).1.sessions.expect("sessions were asked for")
    }
}

/// What the backend tells of a call while it runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Started,
    Cancelled,
    Answered(String, Outcome),
}

/// What the backend has told, in order. Waiting in vain fails the test.
pub(super) struct Events(mpsc::UnboundedReceiver<Event>);

impl Events {
    pub(super) async fn recv(&mut self) -> Option<Event> {
        soon(self.0.recv()).await
    }
}

/// What would otherwise hang the test fails it.
pub(super) async fn soon<F: Future>(work: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), work).await.expect("it comes to an end")
}

pub(super) struct Fake {
    events: mpsc::UnboundedSender<Event>,
    /// Each permit lets one `waits` end.
    pub(super) release: Semaphore,
    seen: Mutex<Vec<(Principal, Value)>>,
    /// Whose work was done elsewhere.
    pub(super) computed: Mutex<Vec<String>>,
    /// Whether such work is lost instead.
    pub(super) loses_work: AtomicBool,
}

impl Fake {
    pub(super) fn new() -> (Arc<Self>, Events) {
        let (events, receiver) = mpsc::unbounded_channel();
        let fake = Self {
            events,
            release: Semaphore::new(0),
            seen: Mutex::default(),
            computed: Mutex::default(),
            loses_work: AtomicBool::default(),
        };
        (Arc::new(fake), Events(receiver))
    }

    /// Who called `echo`, and with what.
    pub(super) fn seen(&self) -> Vec<(String, Value)> {
        let seen = self.seen.lock().expect("not poisoned");
        seen.iter().map(|(who, what)| (who.subject().to_owned(), what.clone())).collect()
    }

    fn tell(&self, event: Event) {
        // A test that does not look has dropped the receiver.
        let _ = self.events.send(event);
    }

    async fn serve(&self, call: Call) -> Result<Value, ToolError> {
        match call.tool.as_str() {
            "echo" => {
                let arguments = Value::Object(call.arguments);
                self.seen.lock().expect("not poisoned").push((call.principal.clone(), arguments.clone()));
                let role = call.grant.role_arn();
                let who = call.principal.subject();
                Ok(json!({"success": true, "who": who, "role": role, "arguments": arguments}))
            }
            "completes" if call.arguments["typed"] == "fail" => Err(ToolError::internal("the index is gone")),
            "completes" => {
                let (wanted, typed) = (&call.arguments["wanted"], &call.arguments["typed"]);
                let who = call.principal.subject();
                let values = [format!("{who} {wanted} {typed} {}", call.arguments["context"])];
                Ok(json!({"values": values, "has_more": true}))
            }
            "fails" => Err(ToolError::not_found("no such bucket")
                .with_hint("look again")
                .with_detail("operator only")),
            "panics" => panic!("the tool is broken"),
            "reports" => {
                for done in [0, 1, 1, 2] {
                    call.progress.report(done, Some(2), || format!("step {done}"));
                }
                Ok(json!({"success": true}))
            }
            "waits" => {
                self.tell(Event::Started);
                tokio::select! {
                    _ = self.release.acquire() => Ok(json!({"success": true, "waited": true})),
                    () = call.cancel.cancelled() => {
                        self.tell(Event::Cancelled);
                        Ok(json!({"success": true, "waited": false}))
                    }
                }
            }
            other => Err(ToolError::internal(format_args!("{other} was let through"))),
        }
    }
}

impl Backend for Fake {
    fn tools(&self) -> Vec<Descriptor> {
        ["waits", "echo", "fails", "panics", "reports"]
            .map(|name| {
                let description = format!("The tool that {name}.");
                let hints = if name == "waits" { Hints::NONE } else { Hints::NONE.read_only() };
                Descriptor::new(name, &name.to_uppercase(), &description, Map::new(), Map::new(), hints)
            })
            .to_vec()
    }

    fn resources(&self) -> Vec<ResourceListing> {
        [("fake://echo", "echo"), ("fake://echo/{word}", "echo"), ("fake://missing", "fails")]
            .map(|(uri, tool)| ResourceListing {
                uri: uri.into(),
                name: uri.into(),
                description: "for tests".into(),
                tool: tool.into(),
                uri_argument: None,
                fixed: Map::new(),
                completed: BTreeMap::from([("word".to_owned(), "words".to_owned())]),
            })
            .to_vec()
    }

    fn prompts(&self) -> Vec<PromptListing> {
        let argument = |name: &str, required| PromptArgumentListing {
            name: name.into(),
            description: "for tests".into(),
            required,
        };
        vec![PromptListing {
            name: "greet".into(),
            title: "Greet".into(),
            description: "Greets somebody".into(),
            arguments: vec![argument("whom", true), argument("how", false)],
            completed: BTreeMap::from([("whom".to_owned(), "names".to_owned())]),
            text: |filled| match filled.get("whom") {
                Some(whom) => Ok(format!("Greet {whom}")),
                None => Err(ToolError::invalid_input("`whom` is missing")),
            },
        }]
    }

    fn completer(&self) -> Option<&str> {
        Some("completes")
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Value, ToolError>> {
        Box::pin(self.serve(call))
    }

    fn compute<'a>(&'a self, principal: &'a Principal, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'a, ()> {
        self.computed.lock().expect("not poisoned").push(principal.subject().to_owned());
        if !self.loses_work.load(Ordering::Relaxed) {
            work();
        }
        Box::pin(std::future::ready(()))
    }

    fn answered(&self, tool: &str, outcome: Outcome, _: Duration) {
        if tool != "echo" {
            self.tell(Event::Answered(tool.to_owned(), outcome));
        }
    }
}

/// `Bearer alice`, `Bearer alice-renewed` (another role, and about to end) and `Bearer bob` are tokens,
/// `carol-reads` is one with the narrowest scope, `carol-nothing` one with none; nothing else is.
pub(super) struct Names;

impl Authenticate for Names {
    fn authenticate<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Authenticated, AuthFailure>> {
        Box::pin(std::future::ready(named(headers)))
    }
}

fn named(headers: &HeaderMap) -> Result<Authenticated, AuthFailure> {
    {
        // Two are none.
        let token = only(headers, &AUTHORIZATION).unwrap_or_default();
        match token.strip_prefix("Bearer ") {
            Some("alice") => Ok(identity("alice")),
            Some("alice-renewed") => {
                let role = RoleGrant {
                    role_arn: RENEWED.into(),
                    session_tags: BTreeMap::new(),
                    session_policy: None,
                    token_expires_at: 0,
                    token_digest: None,
                    registry: None,
                };
                Ok(Authenticated { grant: Grant::AssumeRole(role), ..identity("alice") })
            }
            Some("bob") => Ok(identity("bob")),
            Some("carol-reads") => Ok(Authenticated { access: Some(Access::Read), ..identity("carol") }),
            Some("carol-nothing") => Ok(Authenticated { access: None, ..identity("carol") }),
            // Whose token that is nobody can say now.
            Some("nobody-knows") => {
                Err(AuthFailure { why: "silence".into(), retry_after: Some(Duration::from_millis(4_001)) })
            }
            _ => Err(AuthFailure { why: format!("not a name: {} bytes", token.len()), retry_after: None }),
        }
    }
}

/// The role that `alice-renewed` gives.
pub(super) const RENEWED: &str = "arn:aws:iam::123456789012:role/renewed";

pub(super) fn identity(subject: &str) -> Authenticated {
    let principal = Principal::verified("https://idp.example".into(), "acme".into(), subject.into());
    Authenticated { principal, grant: Grant::Ambient, access: Some(Access::Admin) }
}

pub(super) fn server(backend: &Arc<Fake>, limits: Limits) -> Server {
    Server::new(backend.clone(), limits).expect("the fake's tools are well named")
}

/// The HTTP surface over `backend`.
pub(super) fn http(backend: &Arc<Fake>, limits: Limits, options: &HttpOptions) -> Http {
    let site =
        Site::new([127, 0, 0, 1].into(), &options.allowed_hosts, &options.allowed_origins).expect("valid");
    let streams = CancellationToken::new();
    let surface = surface(&server(backend, limits), site, options, Arc::new(Names), streams);
    Http(Router::new().fallback_service(surface))
}

#[derive(Clone)]
pub(super) struct Http(Router);

impl Http {
    pub(super) async fn send(&self, request: Request<Body>) -> Reply {
        soon(async { Reply::of(self.0.clone().oneshot(request).await.expect("infallible")).await }).await
    }

    /// Posts a JSON-RPC message as `who`.
    pub(super) async fn post(&self, who: &str, message: &Value) -> Reply {
        self.send(post(who, message)).await
    }

    /// The result object of a tool call by `who`.
    pub(super) async fn call(&self, who: &str, tool: &str) -> Value {
        self.post(who, &call(tool)).await.json()["result"].clone()
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Reply {
    async fn of(response: Response) -> Self {
        let (mut parts, body) = response.into_parts();
        // Two answers are the same if they differ in nothing but the request's own name.
        parts.headers.remove("x-request-id").expect("each answer names its request");
        let body = to_bytes(body, 1_000_000).await.expect("a whole body");
        let body = String::from_utf8(body.to_vec()).expect("text");
        Self { status: parts.status, headers: parts.headers, body }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The messages of an event stream.
    pub(super) fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        data.filter(|data| !data.is_empty()).map(|data| serde_json::from_str(data).expect("JSON")).collect()
    }
}

/// A request as a plain client sends it.
pub(super) fn post(who: &str, message: &Value) -> Request<Body> {
    Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {who}"))
        .body(Body::from(message.to_string()))
        .expect("a request")
}

pub(super) fn rpc(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
}

pub(super) fn call(tool: &str) -> Value {
    rpc("tools/call", &json!({"name": tool, "arguments": {}}))
}

pub(super) fn initialize() -> Value {
    rpc(
        "initialize",
        &json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}),
    )
}
