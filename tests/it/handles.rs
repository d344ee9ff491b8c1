//! What is another's cannot be told from what is not there: not by status, headers or body. For time there is a program
//! of its own, `tests/benches/handles.rs`.

use std::collections::BTreeMap;

use quilt_tests::Result;
use quilt_tests::client::Era;
use quilt_tests::judge::{Findings, assert_clean};
use quilt_tests::server::Plan;
use quilt_tests::substrate::Substrate;
use quilt_tests::world::{ServerRights, World, ada_and_ben_with_packages};
use serde_json::{Value, json};

use crate::stage::Stage;

/// A workflow of ada's, and one of nobody's. As long as each other, like all such pairs here: an answer may name what it
/// was asked for.
const WORKFLOWS: [&str; 2] = ["plan-of-ada", "plan-of-eve"];
/// Of rmcp's form.
const NO_SESSION: &str = "00000000-0000-4000-8000-000000000000";

/// Something that ben asks for by a name: of what is ada's, and of what is not there.
struct Pair {
    what: String,
    method: &'static str,
    params: [Value; 2],
    names: [String; 2],
}

/// All that a client gets to see, without what differs between any two requests.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

fn tool(tool: &str, names: [&str; 2], arguments: impl Fn(&str) -> Value) -> Pair {
    Pair {
        what: tool.to_owned(),
        method: "tools/call",
        params: names.map(|name| json!({"name": tool, "arguments": arguments(name)})),
        names: names.map(String::from),
    }
}

fn resource(names: [String; 2]) -> Pair {
    Pair {
        what: "a resource".to_owned(),
        method: "resources/read",
        params: names.clone().map(|uri| json!({ "uri": uri })),
        names,
    }
}

fn pairs(stage: &Stage) -> Vec<Pair> {
    let ada = stage.person("ada");
    let bucket = ada.bucket.as_str();
    let objects = [ada.first_uri(), format!("s3://{bucket}/notes/note-9.txt")];
    let uris = [objects[0].as_str(), objects[1].as_str()];
    let packages = [ada.package().name.clone(), format!("{}/nodes", ada.tenant)];
    let packages = [packages[0].as_str(), packages[1].as_str()];
    let registry = format!("s3://{bucket}");
    let of_package = |name: &str| json!({"registry": registry, "package_name": name});
    let of_cursor = |cursor: &str| json!({"bucket": bucket, "max_keys": 1, "continuation_token": cursor});
    let steps = |id: &str| json!({"workflow_id": id, "step_id": "one", "description": "one"});
    let progress = |id: &str| json!({"workflow_id": id, "step_id": "one", "status": "completed"});
    let mut pairs = vec![
        tool("workflow_get_status", WORKFLOWS, |id| json!({"id": id})),
        tool("workflow_add_step", WORKFLOWS, steps),
        tool("workflow_update_step", WORKFLOWS, progress),
        tool("workflow_delete", WORKFLOWS, |id| json!({"id": id})),
        tool("bucket_object_text", uris, |uri| json!({"s3_uri": uri})),
        tool("bucket_object_fetch", uris, |uri| json!({"s3_uri": uri})),
        tool("bucket_object_info", uris, |uri| json!({"s3_uri": uri})),
        tool("package_browse", packages, of_package),
        tool("package_versions_list", packages, of_package),
        tool("package_verify", packages, of_package),
        tool("bucket_objects_list", ["bm90ZXMvbm90ZS0wLnR4dA==", "bm90aGluZyBhdCBhbGwhIQ=="], of_cursor),
    ];
    pairs.push(resource(objects.clone()));
    pairs
}

/// What ben sees of one of them.
async fn seen(stage: &Stage, pair: &Pair, which: usize) -> Result<Seen> {
    let mut params = pair.params[which].clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "handles", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    // The header that repeats the name is the request's own.
    let name = if pair.method == "tools/call" { &pair.what } else { &pair.names[which] };
    let request = reqwest::Client::new()
        .post(&stage.server.url)
        .bearer_auth(stage.token("ben"))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", pair.method)
        .header("mcp-name", name)
        .json(&json!({"jsonrpc": "2.0", "id": 1, "method": pair.method, "params": params}));
    look(request, &pair.names[which]).await
}

async fn look(request: reqwest::RequestBuilder, name: &str) -> Result<Seen> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let differs = ["date", "x-request-id"];
    let headers = response
        .headers()
        .iter()
        .filter(|(header, _)| !differs.contains(&header.as_str()))
        .map(|(header, value)| (header.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = without_ids(&response.text().await?.replace(name, "NAME"));
    Ok(Seen { status, headers, body })
}

/// Each request has ids of its own, 16 or 32 hexadecimal digits.
fn without_ids(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_hexdigit())
        .filter(|word| matches!(word.len(), 16 | 32))
        .fold(text.to_owned(), |text, id| text.replace(id, "ID"))
}

async fn stage() -> Result<Stage> {
    let world =
        World::on(Substrate::of("tools")?, ada_and_ben_with_packages(), ServerRights::Everything).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_SESSIONS", "true");
    let stage = Stage::start(world, plan).await?;
    let arguments = json!({"workflow_id": WORKFLOWS[0], "name": "secret"});
    let ada = stage.client("ada").await?;
    assert!(!ada.call("workflow_create", arguments).await?.is_error);
    let step = json!({"workflow_id": WORKFLOWS[0], "step_id": "one", "description": "one"});
    assert!(!ada.call("workflow_add_step", step).await?.is_error);
    Ok(stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_anothers_looks_like_what_is_not_there() -> Result<()> {
    let stage = stage().await?;
    let mut findings = Findings::default();
    for pair in pairs(&stage) {
        assert_eq!(
            pair.names[0].len(),
            pair.names[1].len(),
            "{}: an answer may be as long as a name",
            pair.what
        );
        let [others, absent] = [seen(&stage, &pair, 0).await?, seen(&stage, &pair, 1).await?];
        if others != absent {
            findings.add(format!("{}: {others:#?}, and of what is not there {absent:#?}", pair.what));
        }
        // A tool that worked would look the same twice.
        if !others.body.replace('\\', "").contains("\"code\":") {
            findings.add(format!("{} was not refused: {others:#?}", pair.what));
        }
    }
    assert_clean("handles", &findings.all());
    let kept = stage.client("ada").await?.call("workflow_get_status", json!({"id": WORKFLOWS[0]})).await?;
    assert!(!kept.is_error, "ada's own is as it was: {}", kept.everything());
    Ok(())
}

/// The pairs are looked at with eyes that see: for their owner the two differ, each time.
#[tokio::test(flavor = "multi_thread")]
async fn to_its_owner_it_looks_different() -> Result<()> {
    let stage = stage().await?;
    let ada = stage.client("ada").await?;
    for pair in pairs(&stage).iter().filter(|pair| pair.method == "tools/call") {
        // One of these ends what the next would look at, and the cursors are made up.
        if matches!(pair.what.as_str(), "workflow_delete" | "workflow_add_step" | "bucket_objects_list") {
            continue;
        }
        let mut ends = Vec::new();
        for params in &pair.params {
            ends.push(ada.call(&pair.what, params["arguments"].clone()).await?.is_error);
        }
        assert_eq!(ends, [false, true], "{}", pair.what);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_session_looks_like_none() -> Result<()> {
    let stage = stage().await?;
    let ada = stage.client_in("ada", Era::Initialize).await?;
    let session = ada.session().ok_or("a session")?.to_owned();
    for (method, body) in [
        ("POST", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})),
        ("POST", json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})),
        ("GET", Value::Null),
        ("DELETE", Value::Null),
    ] {
        let ask = |id: &str| {
            reqwest::Client::new()
                .request(method.parse().expect("a method"), &stage.server.url)
                .bearer_auth(stage.token("ben"))
                .header("mcp-session-id", id)
                .header("mcp-protocol-version", "2025-11-25")
                .header("accept", "application/json, text/event-stream")
                .json(&body)
        };
        let others = look(ask(&session), &session).await?;
        assert_eq!(others, look(ask(NO_SESSION), NO_SESSION).await?, "{method} {body}");
        assert_eq!(others.status, 404, "{method} {body}");
    }
    assert!(!ada.tools().await?.is_empty(), "the owner's session is as it was");
    Ok(())
}
