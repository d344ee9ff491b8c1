//! Lists, results and errors, for clients of both eras.

use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::transport::Limits;
use crate::transport::fake::{Fake, Http, call, http, initialize, post, rpc};
use crate::transport::http::HttpOptions;

fn open() -> Http {
    http(&Fake::new().0, Limits::default(), &HttpOptions::default())
}

/// A request of 2026-07-28: no handshake, but everything said in each request.
fn modern(method: &str, name: Option<&str>, mut params: Value) -> Request<axum::body::Body> {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let mut request = post("alice", &rpc(method, &params));
    let mut set = |header: &'static str, value: &str| {
        request.headers_mut().insert(header, value.parse().expect("a header value"));
    };
    set("mcp-protocol-version", "2026-07-28");
    set("mcp-method", method);
    if let Some(name) = name {
        set("mcp-name", name);
    }
    request
}

#[tokio::test]
async fn initialize_names_the_server() {
    let result = open().post("alice", &initialize()).await.json()["result"].clone();
    assert_eq!(result["serverInfo"]["name"], "quilt-mcp");
    assert_eq!(result["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(result["protocolVersion"], "2025-06-18");
    assert!(result["instructions"].as_str().is_some_and(|text| !text.is_empty()));
    assert!(result["capabilities"]["tools"].is_object() && result["capabilities"]["resources"].is_object());
    assert!(result["capabilities"].get("prompts").is_none());
}

#[tokio::test]
async fn every_version_with_a_handshake_is_agreed_to() {
    let http = open();
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut message = initialize();
        message["params"]["protocolVersion"] = version.into();
        assert_eq!(http.post("alice", &message).await.json()["result"]["protocolVersion"], version);
    }
}

#[tokio::test]
async fn tools_are_listed_the_same_to_all_and_are_nobody_elses_to_cache() {
    let http = open();
    let list = rpc("tools/list", &json!({}));
    let first = http.post("alice", &list).await;
    assert_eq!(first.body, http.post("bob", &list).await.body);
    let result = first.json()["result"].clone();
    assert_eq!(result["cacheScope"], "private");
    let names: Vec<_> =
        result["tools"].as_array().expect("a list").iter().map(|t| t["name"].clone()).collect();
    assert_eq!(names, ["waits", "echo", "fails", "panics", "reports"]);
    let tool = &result["tools"][1];
    assert_eq!(tool["inputSchema"], json!({"type": "object", "properties": {}}));
    assert_eq!(tool["annotations"]["readOnlyHint"], true);
    assert_eq!(tool["annotations"]["destructiveHint"], false);

    let paged = http.post("alice", &rpc("tools/list", &json!({"cursor": "x"}))).await;
    assert_eq!(paged.json()["error"]["code"], -32602);
}

#[tokio::test]
async fn a_client_of_2026_needs_no_handshake() {
    let http = open();
    let discovered = http.send(modern("server/discover", None, json!({}))).await.json()["result"].clone();
    assert!(discovered["supportedVersions"].as_array().expect("a list").contains(&json!("2026-07-28")));

    let listed = http.send(modern("tools/list", None, json!({}))).await.json()["result"].clone();
    assert_eq!((&listed["cacheScope"], &listed["ttlMs"]), (&json!("private"), &json!(300_000)));

    let arguments = json!({"name": "echo", "arguments": {"a": 1}});
    let result =
        http.send(modern("tools/call", Some("echo"), arguments.clone())).await.json()["result"].clone();
    assert_eq!(result["structuredContent"]["arguments"], json!({"a": 1}));
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "quilt-mcp");

    let mismatch = http.send(modern("tools/call", Some("other"), arguments)).await;
    assert_eq!(
        (mismatch.status, &mismatch.json()["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!(-32020))
    );
    for gone in ["no/such", "initialize", "ping"] {
        let reply = http.send(modern(gone, None, json!({}))).await;
        assert_eq!(
            (reply.status, &reply.json()["error"]["code"]),
            (StatusCode::NOT_FOUND, &json!(-32601)),
            "{gone}"
        );
    }
}

#[tokio::test]
async fn a_result_is_structured_and_the_same_as_text() {
    let result = open().call("alice", "echo").await;
    let structured = json!({"success": true, "who": "alice", "role": null, "arguments": {}});
    assert_eq!(result["structuredContent"], structured);
    assert_eq!(result["isError"], false);
    let text = result["content"][0]["text"].as_str().expect("text");
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), structured);
    assert!(result.get("_meta").is_none(), "older clients have the handshake");
}

#[tokio::test]
async fn a_failure_is_a_result_with_the_envelope() {
    let result = open().call("alice", "fails").await;
    assert_eq!(result["isError"], true);
    assert_eq!(result["structuredContent"]["success"], false);
    let error = &result["structuredContent"]["error"];
    assert_eq!(error["code"], "not_found");
    assert_eq!(error["message"], "no such bucket");
    assert_eq!(error["hint"], "look again");
    assert_eq!(error["request_id"].as_str().map(str::len), Some(32));
    assert!(!result.to_string().contains("operator only"));
}

#[tokio::test]
async fn what_does_not_exist_is_a_protocol_error() {
    let http = open();
    for (message, code) in [
        (call("nothing"), -32602),
        (rpc("tools/call", &json!({"arguments": {}})), -32602),
        (rpc("prompts/list", &json!({})), -32601),
        (rpc("prompts/get", &json!({"name": "x"})), -32601),
        (rpc("no/such", &json!({})), -32601),
        (rpc("resources/read", &json!({"uri": "fake://nothing"})), -32002),
        (rpc("resources/read", &json!({"uri": "fake://missing"})), -32002),
    ] {
        assert_eq!(http.post("alice", &message).await.json()["error"]["code"], code, "{message}");
    }
}

#[tokio::test]
async fn a_resource_is_a_tool_read_with_the_callers_identity() {
    let http = open();
    let listed = http.post("alice", &rpc("resources/list", &json!({}))).await.json()["result"].clone();
    assert_eq!(listed["resources"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["cacheScope"], "private");
    let templates =
        http.post("alice", &rpc("resources/templates/list", &json!({}))).await.json()["result"].clone();
    assert_eq!(templates["resourceTemplates"][0]["uriTemplate"], "fake://echo/{word}");

    let read = rpc("resources/read", &json!({"uri": "fake://echo/hello"}));
    let result = http.post("bob", &read).await.json()["result"].clone();
    assert_eq!(result["cacheScope"], "private");
    assert_eq!(result["contents"][0]["mimeType"], "application/json");
    let text = result["contents"][0]["text"].as_str().expect("text");
    let expected = json!({"success": true, "who": "bob", "role": null, "arguments": {"word": "hello"}});
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), expected);
}
