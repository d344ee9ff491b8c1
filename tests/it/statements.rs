//! What MCP asks of a server and no other test tries, and that `docs/protocol.md` names a test for everything it asks.

use std::fs;

use quilt_tests::client::held_to_its_schema;
use quilt_tests::{Result, workspace};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::stage::Stage;

const STATEMENTS: usize = 31;

#[test]
fn every_statement_has_a_test_or_a_reason() -> Result<()> {
    let document = fs::read_to_string(workspace().join("docs/protocol.md"))?;
    for number in 1..=STATEMENTS {
        let start = format!("| {number} | ");
        let mut rows = document.lines().filter(|line| line.starts_with(&start));
        let row = rows.next().ok_or_else(|| format!("statement {number} is not in docs/protocol.md"))?;
        assert!(rows.next().is_none(), "statement {number} is there twice");
        assert!(
            row.contains(".rs::") || row.contains("| not applicable: "),
            "statement {number} has no test"
        );
    }
    Ok(())
}

/// A call in the newest protocol, whose headers say what they are told to.
fn post(stage: &Stage, body: &Value, headers: &[(&str, &str)]) -> RequestBuilder {
    let request = reqwest::Client::new()
        .post(&stage.server.url)
        .bearer_auth(stage.token("ada"))
        .header("accept", "application/json, text/event-stream")
        .json(body);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

fn call(method: &str, version: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": {
        "name": "workflow_list_all", "arguments": {},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": {"name": "statements", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    }})
}

/// What is wrong, the body, its headers, and status and code of the answer.
type Case<'a> = (&'a str, &'a Value, Vec<(&'a str, &'a str)>, u16, Option<i64>);

/// The newest version that there is.
const NEWEST: &str = "2026-07-28";

/// Version, method and name as headers.
fn said<'a>(version: &'a str, method: &'a str, name: &'a str) -> [(&'a str, &'a str); 3] {
    [("mcp-protocol-version", version), ("mcp-method", method), ("mcp-name", name)]
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_differ_from_the_body_are_refused() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (tool, called) = ("workflow_list_all", call("tools/call", NEWEST));
    let twice: Vec<_> =
        said(NEWEST, "tools/call", tool).into_iter().chain([("mcp-name", "bucket_list")]).collect();
    let unknown = call("no/such", NEWEST);
    let of_tomorrow = call("tools/call", "2999-01-01");
    let cases: [Case<'_>; 7] = [
        ("as the body", &called, said(NEWEST, "tools/call", tool).to_vec(), 200, None),
        ("another method", &called, said(NEWEST, "tools/list", tool).to_vec(), 400, Some(-32020)),
        ("another tool", &called, said(NEWEST, "tools/call", "bucket_list").to_vec(), 400, Some(-32020)),
        ("another version", &called, said("2025-11-25", "tools/call", tool).to_vec(), 400, Some(-32020)),
        ("two names", &called, twice, 400, Some(-32020)),
        ("an unknown method", &unknown, said(NEWEST, "no/such", tool).to_vec(), 404, Some(-32601)),
        (
            "an unknown version",
            &of_tomorrow,
            said("2999-01-01", "tools/call", tool).to_vec(),
            400,
            Some(-32022),
        ),
    ];
    let mut wrong = Vec::new();
    for (what, body, headers, status, code) in cases {
        let answer = post(&stage, body, &headers).send().await?;
        let (told, text) = (answer.status().as_u16(), answer.text().await?);
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        if told == 200 {
            held_to_its_schema(tool, &message["result"])?;
        }
        if (told, message["error"]["code"].as_i64()) != (status, code) {
            wrong.push(format!("{what}: expected {status} and {code:?}, got {told}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_in_its_header_is_none() -> Result<()> {
    let stage = Stage::of_two().await?;
    let token = stage.token("ada");
    let http = reqwest::Client::new();
    let mut called = call("tools/call", NEWEST);
    called["params"]["_meta"]["authorization"] = json!(format!("Bearer {token}"));
    called["access_token"] = json!(token);
    let url = &stage.server.url;
    let elsewhere = [
        http.post(format!("{url}?access_token={token}")).json(&called),
        http.post(format!("{url}?authorization=Bearer%20{token}")).json(&called),
        http.post(url).header("cookie", format!("access_token={token}")).json(&called),
        http.post(url).header("x-authorization", format!("Bearer {token}")).json(&called),
        http.post(url).header("x-forwarded-access-token", &token).json(&called),
        http.post(url).basic_auth("ada", Some(&token)).json(&called),
    ];
    for request in elsewhere {
        let headers = said(NEWEST, "tools/call", "workflow_list_all");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        assert_eq!(request.send().await?.status().as_u16(), 401);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_says_what_it_may_do() -> Result<()> {
    let stage = Stage::of_two().await?;
    let listed = stage.client("ada").await?.request("tools/list", json!({}), None).await?;
    let tools = listed["tools"].as_array().ok_or("a list of tools")?;
    assert!(tools.len() > 70, "{}", tools.len());
    let destroys = ["_delete", "_remove", "_rollback", "_set_active", "_reset_password"];
    for tool in tools {
        let name = tool["name"].as_str().ok_or("a tool has a name")?;
        let hints = &tool["annotations"];
        for hint in ["readOnlyHint", "destructiveHint", "openWorldHint"] {
            assert!(hints[hint].is_boolean(), "{name} does not say {hint}: {hints}");
        }
        let reads = hints["readOnlyHint"] == true;
        assert!(!reads || hints["destructiveHint"] == false, "{name} reads only, and destroys: {hints}");
        if destroys.iter().any(|word| name.ends_with(word)) {
            assert!(
                !reads && hints["destructiveHint"] == true,
                "{name} does not say that it destroys: {hints}"
            );
        }
    }
    Ok(())
}
