//! Spans, as a collector gets them: in the caller's trace, under the ids of the log, and with nothing that is another's or
//! secret.

use std::path::Path;
use std::time::{Duration, Instant};

use quilt_tests::Result;
use quilt_tests::canary::Canaries;
use quilt_tests::client::{Client, Era};
use quilt_tests::collector::{Collector, Span};
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::json;

/// The caller's own span: trace, span.
const CALLERS: [(&str, &str); 2] = [
    ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"),
    ("1bf7651916cd43dd8448eb211c80319d", "c7ad6b7169203332"),
];

/// All that a span may say, and the process of itself. What is not here must not leave it.
const SAID: [&str; 18] = [
    "aws.request_id",
    "enduser.pseudo.id",
    "error.type",
    "gen_ai.operation.name",
    "gen_ai.tool.name",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "quilt.request_id",
    "quilt.tenant",
    "resource.service.name",
    "resource.service.version",
    "resource.telemetry.sdk.language",
    "resource.telemetry.sdk.name",
    "resource.telemetry.sdk.version",
    "rpc.method",
    "rpc.service",
    "rpc.system",
];

/// Ada and ben, a server, and the collector that it is told of.
struct Scene {
    world: World,
    server: Server,
    collector: Collector,
}

impl Scene {
    async fn start() -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
        let plan = Plan::multi_tenant(&world)?;
        Self::of(world, plan).await
    }

    async fn of(world: World, plan: Plan) -> Result<Self> {
        let collector = Collector::start().await?;
        let server = plan.set("QUILT_MCP_OTLP_ENDPOINT", collector.endpoint()).start().await?;
        Ok(Self { world, server, collector })
    }

    /// A caller in a trace of their own.
    fn client(&self, number: usize, flags: &str) -> Result<Client> {
        let (trace, span) = CALLERS[number];
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("traceparent", format!("00-{trace}-{span}-{flags}").parse()?);
        let http = reqwest::Client::builder().default_headers(headers).build()?;
        let token = self.world.token(&self.world.people[number]);
        Ok(Client::unconnected(http, &self.server.url, Some(&token), Era::Stateless))
    }

    /// Each of the two reads an object of their own.
    async fn each_reads(&self) -> Result<()> {
        for (number, person) in self.world.people.iter().enumerate() {
            let client = self.client(number, "01")?;
            let answer = client.call("bucket_object_text", json!({"s3_uri": person.first_uri()})).await?;
            assert!(answer.everything().contains(&person.canary), "{}", answer.everything());
        }
        Ok(())
    }

    /// What was sent until the server had ended.
    async fn sent(self) -> Result<Sent> {
        let Self { world, server, collector } = self;
        let log = server.log.clone();
        assert!(server.terminate().await?.success());
        log.closed().await;
        Ok(Sent { spans: collector.spans()?, bytes: collector.bytes(), events: log.events(), world })
    }
}

struct Sent {
    world: World,
    spans: Vec<Span>,
    bytes: Vec<u8>,
    events: Vec<serde_json::Value>,
}

impl Sent {
    /// The one span of that name in the trace of that caller.
    fn span(&self, caller: usize, name: &str) -> Result<&Span> {
        let named = self.spans.iter().filter(|span| span.trace == CALLERS[caller].0 && span.name == name);
        match named.collect::<Vec<_>>().as_slice() {
            [one] => Ok(one),
            others => Err(format!("not one span {name:?}: {others:#?} of {:#?}", self.spans).into()),
        }
    }

    /// What is in one caller's trace and must not be, and what is secret anywhere.
    fn findings(&self) -> Vec<String> {
        let canaries = Canaries::of([
            ("the signing secret", self.world.mint.secret()),
            ("the server's key", &*self.world.server_key.secret_access_key),
        ]);
        canaries.look("spans", &self.bytes);
        for span in &self.spans {
            canaries.look("a span", format!("{span:?}").as_bytes());
        }
        let mut findings = canaries.take_leaks();
        let said = self.spans.iter().flat_map(|span| span.attributes.keys());
        let unlisted = said.filter(|name| !SAID.contains(&name.as_str()));
        findings.extend(unlisted.map(|name| format!("not in the list: {name}")));
        for (caller, person) in self.world.people.iter().enumerate() {
            let other = &self.world.people[1 - caller];
            let hers: Vec<_> = self.spans.iter().filter(|span| span.trace == CALLERS[caller].0).collect();
            let issuer = &self.world.mint.issuer;
            let foreign = names(other, issuer).into_iter().map(|name| ("foreign", name));
            let private =
                [&person.canary, &person.subject, &person.bucket].map(|name| ("private", name.clone()));
            for (what, name) in foreign.chain(private) {
                let found = hers.iter().filter(|span| format!("{span:?}").contains(&name));
                findings.extend(found.map(|span| format!("{what}: {name:?} in {span:?}")));
            }
        }
        findings
    }
}

/// What tells of a person.
fn names(person: &Person, issuer: &str) -> Vec<String> {
    let Person { tenant, subject, role_arn, bucket, canary, .. } = person;
    [tenant, subject, role_arn, bucket, canary]
        .into_iter()
        .cloned()
        .chain([person.log_hash(issuer)])
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_a_part_of_its_callers_trace_and_says_nothing_of_others() -> Result<()> {
    let scene = Scene::start().await?;
    scene.each_reads().await?;
    let sent = scene.sent().await?;
    for (caller, person) in sent.world.people.iter().enumerate() {
        let request = sent.span(caller, "POST /mcp")?;
        let call = sent.span(caller, "execute_tool bucket_object_text")?;
        let scope = sent.span(caller, "scope")?;
        let exchange = sent.span(caller, "STS/AssumeRole")?;
        let object = sent.span(caller, "S3/GetObject")?;
        let line = [
            (request, CALLERS[caller].1),
            (call, &*request.id),
            (scope, &call.id),
            (exchange, &scope.id),
            (object, &scope.id),
        ];
        for (span, parent) in line {
            assert_eq!(span.parent, parent, "{span:?}");
            assert!(!span.failed && span.took > 0, "{span:?}");
            assert_eq!(span.attributes["resource.service.name"], "quilt-mcp");
        }
        assert!(exchange.took + object.took < request.took, "{exchange:?} {object:?} {request:?}");
        let says = |span: &Span, name: &str| span.attributes.get(name).cloned().unwrap_or_default();
        assert_eq!(says(request, "http.response.status_code"), "200");
        assert_eq!(says(call, "quilt.tenant"), person.tenant);
        assert_eq!(says(call, "enduser.pseudo.id"), person.log_hash(&sent.world.mint.issuer));
        assert_eq!(says(call, "gen_ai.tool.name"), "bucket_object_text");
        assert_eq!(
            (says(object, "rpc.system"), says(object, "rpc.service")),
            ("aws-api".into(), "S3".into())
        );
        let answered = sent
            .events
            .iter()
            .find(|event| event["message"] == "call answered" && event["trace_id"] == CALLERS[caller].0);
        let answered = answered.ok_or("the call is in the log")?;
        assert_eq!(answered["scope_id"], *call.id, "log and trace name it alike");
        assert!(
            answered.as_object().is_some_and(|fields| fields.keys().all(|name| !name.contains('.'))),
            "{answered}"
        );
    }
    assert_eq!(sent.findings(), Vec::<String>::new());
    Ok(())
}

/// The twin puts a secret, and another's name, where a tool's name belongs.
#[tokio::test(flavor = "multi_thread")]
async fn a_span_that_says_too_much_is_caught() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
    let plan = Plan::multi_tenant_with(twin, &world)?
        .set("QUILT_TWIN", "spans")
        .set("QUILT_TWIN_SAYS", &world.people[1].bucket);
    let scene = Scene::of(world, plan).await?;
    scene.each_reads().await?;
    let findings = scene.sent().await?.findings();
    for expected in ["the server's key", "foreign: "] {
        assert!(findings.iter().any(|found| found.contains(expected)), "{expected} is not in {findings:#?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_says_so_and_one_that_nobody_wants_traced_is_not() -> Result<()> {
    let scene = Scene::start().await?;
    let theirs = json!({"s3_uri": scene.world.people[1].first_uri()});
    let refused = scene.client(0, "01")?.call("bucket_object_text", theirs.clone()).await?;
    assert_eq!(refused.error_code(), Some("access_denied"), "{}", refused.everything());
    assert!(!scene.client(1, "00")?.call("bucket_object_text", theirs).await?.is_error);
    let sent = scene.sent().await?;
    let call = sent.span(0, "execute_tool bucket_object_text")?;
    assert!(call.failed && call.attributes["error.type"] == "access_denied", "{call:?}");
    let object = sent.span(0, "S3/GetObject")?;
    assert!(object.failed && object.attributes["error.type"] == "403", "{object:?}");
    assert!(!sent.span(0, "POST /mcp")?.failed);
    let unwanted: Vec<_> = sent.spans.iter().filter(|span| span.trace == CALLERS[1].0).collect();
    assert!(unwanted.is_empty(), "{unwanted:#?}");
    Ok(())
}

/// A link is signed here, so AWS does not answer.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sent_to_aws_has_not_failed() -> Result<()> {
    let scene = Scene::start().await?;
    let uri = scene.world.people[0].first_uri();
    let link = scene.client(0, "01")?.call("bucket_object_link", json!({"s3_uri": uri})).await?;
    assert!(!link.is_error, "{}", link.everything());
    let sent = scene.sent().await?;
    assert!(!sent.span(0, "S3/GetObject")?.failed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_holds_up_no_call_and_the_end_only_for_seconds() -> Result<()> {
    let scene = Scene::start().await?;
    scene.collector.hangs();
    scene.each_reads().await?;
    scene.server.log.event("the collector does not take spans: they are lost").await?;
    let before = Instant::now();
    let client = scene.client(0, "01")?;
    for _ in 0..50 {
        assert!(!client.call("filesystem_status", json!({})).await?.is_error);
    }
    // Were each to wait for the collector, it would be 3 seconds each.
    assert!(before.elapsed() < Duration::from_secs(30), "{:?}", before.elapsed());
    let before = Instant::now();
    assert!(scene.server.terminate().await?.success());
    assert!(before.elapsed() < Duration::from_secs(15), "{:?}", before.elapsed());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_collector_is_refused_and_not_shown() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    for wrong in
        ["ftp://collector", "http://user:hidden@collector:4318", "collector:4318", "http://c/?key=hidden"]
    {
        let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_OTLP_ENDPOINT", wrong);
        let (status, said) = plan.run_to_end().await?;
        assert!(!status.success() && said.contains("QUILT_MCP_OTLP_ENDPOINT is not"), "{said}");
        assert!(!said.contains("hidden"), "{said}");
    }
    Ok(())
}
