//! Every line of the log, of every tool, names its request, its trace and whose it is; and whatever strangers put wherever they
//! can put something, a line stays one line and says what the server says.
//!
//! The first has a long form: `QUILT_CALLS=10000 cargo test --workspace --test it -- every_line_of_every_tool --nocapture`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use futures_util::{StreamExt, stream};
use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools as served;
use quilt_tests::Result;
use quilt_tests::client::{Client, Era, held_to_its_schema};
use quilt_tests::server::{Log, Plan};
use quilt_tests::world::{Person, ServerRights, World};
use serde_json::{Map, Value, json};

use crate::stage::{LIVE, Stage, client_of, long_form, metrics_when};
use crate::tools::{self, Turn, Verdict};

/// What belongs to no request: the process's own account of itself.
const OWN: [&str; 6] = [
    "services, and how long each is kept",
    "starting",
    "listening",
    "admin listening",
    "asked to stop",
    "stopped",
];

/// Whether a line with this message belongs to no request.
pub(super) fn is_of_the_process(message: &str) -> bool {
    // How secrets came, and whether pages may get into swap, is up to where the test runs.
    OWN.contains(&message) || message.starts_with("secrets came") || message.starts_with("pages are ")
}

/// What would forge a line, split one, or tell a terminal to do something, if it were written as it comes.
pub(crate) const HOSTILE: &str = "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\",\"user\":\"forged\"}\u{1b}[2J\u{9b}31m\u{85}\u{2028}\u{2029}\u{202e}\u{feff}\0\u{7f}\",\"message\":\"forged\"";

/// What is wrong with the lines of a log, given who may be named in it, as hash and tenant, and which requests were refused
/// before anybody was known.
pub(crate) fn wrong_lines(
    lines: &[String],
    people: &BTreeMap<String, String>,
    anonymous: &BTreeSet<String>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut events = Vec::new();
    for line in lines {
        if line
            .chars()
            .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}' | '\u{feff}'))
        {
            wrong.push(format!("control characters: {line:?}"));
        }
        match serde_json::from_str::<Map<String, Value>>(line) {
            // A reader takes one of two equal names, another the other.
            Ok(event) if line.matches("\"message\":").count() > 1 => {
                wrong.push(format!("two messages: {event:?}"));
            }
            Ok(event) => events.push(event),
            Err(why) => wrong.push(format!("{why}: {line:?}")),
        }
    }
    let text = |event: &Map<String, Value>, name: &str| {
        event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    // Which requests are calls: no line of theirs may lack anything.
    let calls: BTreeSet<String> =
        events.iter().filter(|e| e.contains_key("tool")).map(|e| text(e, "request_id")).collect();
    let mut scope_of: BTreeMap<String, String> = BTreeMap::new();
    for event in &events {
        let message = text(event, "message");
        if message == "forged" || message.is_empty() {
            wrong.push(format!("a line that nobody wrote: {event:?}"));
        }
        if is_of_the_process(&message) {
            continue;
        }
        let request = text(event, "request_id");
        let is_id = |name: &str, length: usize| {
            let id = text(event, name);
            id.len() == length && id.chars().all(|c| c.is_ascii_hexdigit())
        };
        if !is_id("request_id", 32) || !is_id("trace_id", 32) {
            wrong.push(format!("not of a request and a trace: {event:?}"));
        } else if !calls.contains(&request) {
            let known =
                people.get(&text(event, "user")).is_some_and(|tenant| *tenant == text(event, "tenant"));
            if !known && !anonymous.contains(&request) {
                wrong.push(format!("of nobody: {event:?}"));
            }
        } else {
            if people.get(&text(event, "user")) != Some(&text(event, "tenant")) {
                wrong.push(format!("not of a user and the user's tenant: {event:?}"));
            }
            let scope = text(event, "scope_id");
            if scope.is_empty() || text(event, "tool").is_empty() {
                wrong.push(format!("not of a scope and a tool: {event:?}"));
            } else if *scope_of.entry(scope.clone()).or_insert_with(|| request.clone()) != request {
                wrong.push(format!("of a scope that is another request's: {event:?}"));
            }
        }
    }
    wrong
}

/// Who may be named in the log of a world's server.
fn hashes(world: &World) -> BTreeMap<String, String> {
    let hash = |person: &Person| (person.log_hash(&world.mint.issuer), person.tenant.clone());
    world.people.iter().map(hash).collect()
}

/// Ends a server and reads what it has logged to the end.
async fn complete(stage: Stage) -> Result<(World, Log)> {
    metrics_when(&stage.server, |m| m.sum(LIVE) == 0.0).await?;
    let (world, log) = (stage.world, stage.server.log.clone());
    assert!(stage.server.terminate().await?.success());
    log.closed().await;
    Ok((world, log))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_every_tool_says_which_and_whose() -> Result<()> {
    let world = tools::world(ServerRights::OnlyExchange).await?;
    let plan =
        Plan::multi_tenant(&world)?.set("QUILT_MCP_RATE_LIMIT", "0").set("QUILT_MCP_TENANT_RATE_LIMIT", "0");
    let stage = Stage::start(world, plan).await?;
    let (world, server) = (&stage.world, &stage.server);
    let clients: Vec<(&Person, Client)> =
        world.people.iter().map(|person| (person, client_of(world, server, person))).collect();
    for (person, client) in &clients {
        let own = Turn { asker: person, owner: person, round: "lines" };
        tools::prepare(client, &tools::cases(), &own).await.into_iter().collect::<Verdict>()?;
    }
    let wanted = long_form("QUILT_CALLS").unwrap_or(1);
    let mut called = 0;
    while called < wanted {
        let mut calls = Vec::new();
        for (asker, client) in &clients {
            for owner in &world.people {
                let turn = Turn { asker, owner, round: "lines" };
                for case in tools::cases() {
                    calls.push((client, case.tool, (case.ask)(&turn)));
                }
            }
        }
        called += calls.len();
        // Many at once: lines of different calls stand between each other.
        let answers = stream::iter(calls).map(|(client, tool, arguments)| client.call(tool, arguments));
        for answer in answers.buffer_unordered(8).collect::<Vec<_>>().await {
            answer?;
        }
    }
    let (world, log) = complete(stage).await?;
    let lines = log.lines();
    assert_eq!(wrong_lines(&lines, &hashes(&world), &BTreeSet::new()), [""; 0]);
    let requests: BTreeSet<String> =
        log.events().iter().filter_map(|event| Some(event["request_id"].as_str()?.to_owned())).collect();
    assert!(requests.len() >= called, "{} requests in the log of {called} calls", requests.len());
    writeln!(std::io::stderr(), "{} lines of {} requests: 0 wrong", lines.len(), requests.len())?;
    let named: BTreeSet<String> =
        log.events().iter().filter_map(|event| Some(event["tool"].as_str()?.to_owned())).collect();
    let all: BTreeSet<String> = tools::cases().iter().map(|case| case.tool.to_owned()).collect();
    assert_eq!(named, all, "left: the tools of the log");

    // The judge can find something: a line cut in two, without its user, with another's, with a scope of another request.
    let at = lines.iter().position(|line| line.contains("\"tool\":")).ok_or("there are calls")?;
    let changed = |change: &dyn Fn(&mut Map<String, Value>)| -> Result<Vec<String>> {
        let mut lines = lines.clone();
        let mut event: Map<String, Value> = serde_json::from_str(&lines[at])?;
        change(&mut event);
        lines[at] = serde_json::to_string(&event)?;
        Ok(lines)
    };
    let mut split = lines.clone();
    let (first, second) = split[at].split_at(20);
    let (first, second) = (first.to_owned(), second.to_owned());
    split.splice(at..=at, [first, second]);
    let another = world.people.last().ok_or("there are people")?.log_hash("https://elsewhere");
    let last =
        log.events().iter().rev().find_map(|e| Some(e["scope_id"].as_str()?.to_owned())).unwrap_or_default();
    for wrong in [
        split,
        changed(&|event| drop(event.remove("user")))?,
        changed(&|event| drop(event.remove("trace_id")))?,
        changed(&|event| drop(event.remove("scope_id")))?,
        changed(&|event| drop(event.insert("user".into(), another.clone().into())))?,
        changed(&|event| drop(event.insert("scope_id".into(), last.clone().into())))?,
        changed(&|event| drop(event.insert("message".into(), "forged".into())))?,
        changed(&|event| drop(event.insert("detail".into(), "\u{2028}".into())))?,
    ] {
        assert!(!wrong_lines(&wrong, &hashes(&world), &BTreeSet::new()).is_empty());
    }
    Ok(())
}

/// For each parameter of a tool, good arguments with something hostile in its place, in forms that get as far as possible; and
/// something hostile as the name of an argument.
pub(crate) fn hostile_arguments(tool: &str, good: &Value) -> Vec<Value> {
    let table = served::table(Deployment::MultiTenant);
    let tool = table.descriptor(tool).unwrap_or_else(|| panic!("{tool} is no tool of a server for many"));
    let properties = tool.input_schema.get("properties").and_then(Value::as_object);
    let parameters = properties.into_iter().flat_map(|properties| properties.keys());
    let mut all = Vec::new();
    for parameter in parameters {
        let is = &good[parameter];
        let mut forms = vec![json!(HOSTILE)];
        match (is, &properties.unwrap_or(&Map::new())[parameter]["type"]) {
            (Value::String(text), _) => forms.push(json!(format!("{text}{HOSTILE}"))),
            (Value::Array(_), _) => forms.push(json!([HOSTILE])),
            (Value::Object(_), _) => forms.push(json!({HOSTILE: HOSTILE})),
            (_, kind) if kind == "array" => forms.push(json!([HOSTILE])),
            (_, kind) if kind == "object" => forms.push(json!({HOSTILE: HOSTILE})),
            _ => {}
        }
        all.extend(forms.into_iter().map(|form| {
            let mut arguments = good.clone();
            arguments[parameter] = form;
            arguments
        }));
    }
    let mut named = good.clone();
    named[HOSTILE] = json!(HOSTILE);
    all.push(named);
    all
}

/// Requests that are no calls, or none yet, with something hostile wherever they have room for it.
fn hostile_messages() -> Vec<Value> {
    let message =
        |method: &str, params: Value| json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let info = json!({"name": HOSTILE, "version": HOSTILE, "title": HOSTILE});
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": HOSTILE,
        "io.modelcontextprotocol/clientInfo": info,
        "io.modelcontextprotocol/clientCapabilities": {},
        "progressToken": HOSTILE,
        "traceparent": HOSTILE,
        HOSTILE: HOSTILE,
    });
    vec![
        message(
            "initialize",
            json!({"protocolVersion": HOSTILE, "capabilities": {HOSTILE: {}}, "clientInfo": info}),
        ),
        message(
            "initialize",
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info}),
        ),
        message("tools/call", json!({"name": HOSTILE, "arguments": {HOSTILE: HOSTILE}})),
        message("tools/call", json!({"name": "auth_status", "arguments": {}, "_meta": meta})),
        message("tools/call", json!({"name": HOSTILE, "arguments": HOSTILE})),
        message("tools/list", json!({"cursor": HOSTILE})),
        message("resources/read", json!({"uri": HOSTILE})),
        message("resources/read", json!({"uri": format!("s3://bucket/{HOSTILE}")})),
        message("resources/subscribe", json!({"uri": HOSTILE})),
        message("prompts/get", json!({"name": HOSTILE, "arguments": {HOSTILE: HOSTILE}})),
        message("prompts/get", json!({"name": "find_data", "arguments": {"topic": HOSTILE}})),
        message(
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": HOSTILE}, "argument": {"name": HOSTILE, "value": HOSTILE}}),
        ),
        message(
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "find_data"}, "argument": {"name": "bucket", "value": HOSTILE}}),
        ),
        message("logging/setLevel", json!({"level": HOSTILE})),
        message(HOSTILE, json!({HOSTILE: HOSTILE})),
        json!({"jsonrpc": "2.0", "id": HOSTILE, "method": "tools/list"}),
        json!({"jsonrpc": HOSTILE, "id": 1, "method": "tools/list"}),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": HOSTILE, "reason": HOSTILE}}),
        json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": HOSTILE, "progress": 1}}),
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": HOSTILE}}),
        json!(HOSTILE),
    ]
}

/// The answer to a call, if this is one that works, is as the tool's output schema says.
async fn as_told(message: &Value, answer: reqwest::Response) -> Result<()> {
    let Some(tool) = message["params"]["name"].as_str().filter(|_| message["method"] == "tools/call") else {
        return Ok(());
    };
    // A JSON body, or an event stream whose events have a line each.
    let text = answer.text().await?;
    let messages = text.lines().map(|line| line.strip_prefix("data:").unwrap_or(line));
    let mut results =
        messages.filter_map(|line| serde_json::from_str::<Value>(line).ok()?.get("result").cloned());
    Ok(results.try_for_each(|result| held_to_its_schema(tool, &result))?)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_strangers_write_forges_or_splits_a_line() -> Result<()> {
    let stage = Stage::start_in(tools::world(ServerRights::OnlyExchange).await?).await?;
    let (world, server, ada) = (&stage.world, &stage.server, stage.person("ada"));
    let client = client_of(world, server, ada);
    let own = Turn { asker: ada, owner: ada, round: "hostile" };
    tools::prepare(&client, &tools::cases(), &own).await.into_iter().collect::<Verdict>()?;
    let mut calls = Vec::new();
    for case in tools::cases() {
        let good = (case.ask)(&own);
        let hostile = hostile_arguments(case.tool, &good);
        calls.extend(std::iter::once(good).chain(hostile).map(|arguments| (case.tool, arguments)));
    }
    let number = calls.len();
    let client = &client;
    let calls = stream::iter(calls).map(|(tool, arguments)| async move {
        // Some are refused by the protocol, some by the tool, some do as they are told.
        drop(client.call(tool, arguments).await);
    });
    calls.buffer_unordered(8).collect::<Vec<()>>().await;
    assert!(number > 400, "{number} calls");

    let (http, token) = (reqwest::Client::new(), world.token(ada));
    let version = [("mcp-protocol-version", "2025-11-25"), ("accept", "application/json, text/event-stream")];
    for message in hostile_messages() {
        for with_version in [true, false] {
            let mut request = http.post(&server.url).bearer_auth(&token).json(&message);
            if with_version {
                request =
                    version.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            }
            as_told(&message, request.send().await?).await?;
        }
    }
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "auth_status", "arguments": {}}});
    let piece = reqwest::header::HeaderValue::from_bytes(
        b"\xff\",\"message\":\"forged\",\"x\":\"\t\xc2\x9b\xe2\x80\xa8\x80",
    )?;
    for header in [
        "accept",
        "authorization",
        "baggage",
        "content-type",
        "cookie",
        "forwarded",
        "last-event-id",
        "mcp-method",
        "mcp-name",
        "mcp-protocol-version",
        "mcp-session-id",
        "origin",
        "referer",
        "traceparent",
        "tracestate",
        "user-agent",
        "x-forwarded-for",
        "x-request-id",
    ] {
        let request = http.post(&server.url).bearer_auth(&token).json(&call);
        as_told(&call, request.header(header, piece.clone()).send().await?).await?;
    }
    let site = server.url.trim_end_matches("/mcp");
    for path in [
        "/mcp/%0d%0a%7b%22message%22:%22forged%22%7d",
        "/%1b[2J%E2%80%A8",
        "/mcp?x=%0a%22message%22:%22forged%22",
        "/%00",
    ] {
        for method in [reqwest::Method::GET, reqwest::Method::POST, reqwest::Method::from_bytes(b"FORGED")?] {
            drop(http.request(method, format!("{site}{path}")).bearer_auth(&token).send().await?);
        }
    }
    // Whose token says who they are in such words is nobody.
    let nobody = Client::unconnected(http.clone(), &server.url, Some("a.b.c"), Era::Stateless);
    assert!(nobody.call("auth_status", json!({})).await.is_err());

    let (world, log) = complete(stage).await?;
    // Of requests that are no calls the log may say which only.
    let of_calls: BTreeSet<String> = log
        .events()
        .iter()
        .filter(|event| event["tool"].is_string())
        .filter_map(|event| Some(event["request_id"].as_str()?.to_owned()))
        .collect();
    let all: BTreeSet<String> =
        log.events().iter().filter_map(|event| Some(event["request_id"].as_str()?.to_owned())).collect();
    assert_eq!(wrong_lines(&log.lines(), &hashes(&world), &(&all - &of_calls)), [""; 0]);
    Ok(())
}
