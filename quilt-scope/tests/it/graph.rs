//! A container as data.

use quilt_scope::{BoxError, Lazy, Scope, Slot, Transient, service};

struct Config;

trait Credentials: Send + Sync {}

struct Pool;

#[service(singleton)]
impl Pool {
    fn new(_config: &Config) -> Self {
        Self
    }
}

#[derive(Scope)]
struct App {
    #[scope(seed)]
    config: Config,
    pool: Slot<Pool>,
}

struct Principal;

struct Auth<'req>(#[expect(dead_code, reason = "borrows")] &'req Principal);

#[service]
impl<'req> Auth<'req> {
    async fn new(principal: &'req Principal, _pool: &'req Pool) -> Result<Self, BoxError> {
        Ok(Self(principal))
    }
}

impl Credentials for Auth<'_> {}

struct Client<'req>(#[expect(dead_code, reason = "borrows")] &'req dyn Credentials);

#[service]
impl<'req> Client<'req> {
    fn new(credentials: &'req dyn Credentials) -> Self {
        Self(credentials)
    }
}

struct Report;

#[service(transient)]
impl Report {
    fn new(_client: Lazy<'_, Client<'_>>) -> Self {
        Self
    }
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    reports: Transient<Report>,
    client: Slot<Client<'req>>,
    #[scope(provides = dyn Credentials)]
    auth: Slot<Auth<'req>>,
}

#[test]
fn as_text() {
    let expected = "\
App
  config: Config (seed)
  pool: Pool (singleton) <- Config
RequestScope
  principal: Principal (seed)
  reports: Report (transient) <- lazy Client<'_>
  client: Client (request-scoped) <- dyn Credentials
  auth: Auth (request-scoped, async, fallible) <- Principal, Pool
";
    assert_eq!(RequestScope::GRAPH.to_string(), expected);
}

#[test]
fn as_dot() {
    let expected = r#"digraph scopes {
  rankdir=LR;
  subgraph "cluster_App" {
    label="App";
    "App.config" [shape=oval];
    "App.pool" [shape=box, label="Pool\nsingleton"];
  }
  "App.pool" -> "App.config";
  subgraph "cluster_RequestScope" {
    label="RequestScope";
    "RequestScope.principal" [shape=oval];
    "RequestScope.reports" [shape=box, label="Report\ntransient"];
    "RequestScope.client" [shape=box, label="Client\nrequest-scoped"];
    "RequestScope.auth" [shape=box, label="Auth\nrequest-scoped"];
  }
  "RequestScope.reports" -> "RequestScope.client" [style=dashed];
  "RequestScope.client" -> "RequestScope.auth";
  "RequestScope.auth" -> "RequestScope.principal";
  "RequestScope.auth" -> "App.pool";
}
"#;
    assert_eq!(RequestScope::GRAPH.to_dot(), expected);
}

#[test]
fn as_mermaid() {
    let expected = r#"flowchart LR
  subgraph App
    App.config([config])
    App.pool["Pool<br/>singleton"]
  end
  App.pool --> App.config
  subgraph RequestScope
    RequestScope.principal([principal])
    RequestScope.reports["Report<br/>transient"]
    RequestScope.client["Client<br/>request-scoped"]
    RequestScope.auth["Auth<br/>request-scoped"]
  end
  RequestScope.reports -.-> RequestScope.client
  RequestScope.client --> RequestScope.auth
  RequestScope.auth --> RequestScope.principal
  RequestScope.auth --> App.pool
"#;
    assert_eq!(RequestScope::GRAPH.to_mermaid(), expected);
}

#[test]
fn as_a_structure() {
    let graph = RequestScope::GRAPH;
    assert_eq!(graph.scope, "RequestScope");
    assert_eq!(graph.parent.map(|parent| parent.scope), Some("App"));
    let auth = graph.slots.last().expect("it has slots");
    assert_eq!((auth.field, auth.service.name, auth.provided_as), ("auth", "Auth", &["dyn Credentials"][..]));
    let dependencies: Vec<_> =
        auth.service.dependencies.iter().map(|one| (one.parameter, one.type_name)).collect();
    assert_eq!(dependencies, [("principal", "Principal"), ("_pool", "Pool")]);
}
