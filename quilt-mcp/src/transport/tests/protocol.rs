//! Lists, results and errors, for clients of both eras.

use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::refusal;
use crate::transport::Limits;
use crate::transport::fake::{Fake, Http, call, http, initialize, post, rpc};
use crate::transport::http::HttpOptions;

fn open() -> Http {
    http(&Fake::new().0, Limits::default(), &HttpOptions::default())
}

/// A request of 2026-07-28: no handshake, but everything said in each request.
pub(super) fn modern(method: &str, name: Option<&str>, mut params: Value) -> Request<axum::body::Body> {
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
    assert!(
        result["capabilities"]["prompts"].is_object() && result["capabilities"]["completions"].is_object()
    );
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
    let envelope = refusal(&result);
    assert_eq!(envelope["success"], false);
    let error = &envelope["error"];
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
        (call("completes"), -32602),
        (rpc("prompts/get", &json!({"name": "x"})), -32602),
        (rpc("prompts/get", &json!({"name": "greet"})), -32602),
        (rpc("prompts/get", &json!({"name": "greet", "arguments": {"whom": 3}})), -32602),
        (rpc("prompts/get", &json!({})), -32602),
        (rpc("completion/complete", &json!({})), -32602),
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

fn prompt_argument(argument: &str, typed: &str) -> Value {
    json!({
        "ref": {"type": "ref/prompt", "name": "greet"},
        "argument": {"name": argument, "value": typed},
        "context": {"arguments": {"how": "warmly"}},
    })
}

#[tokio::test]
async fn prompts_are_listed_and_filled_in_for_clients_of_both_eras() {
    let http = open();
    let filled_in = json!({"name": "greet", "arguments": {"whom": "Eve"}});
    let old_list = http.post("alice", &rpc("prompts/list", &json!({}))).await.json()["result"].clone();
    let new_list = http.send(modern("prompts/list", None, json!({}))).await.json()["result"].clone();
    for list in [&old_list, &new_list] {
        assert_eq!(list["prompts"][0]["name"], "greet");
        assert_eq!(list["prompts"][0]["arguments"][0]["required"], true);
        assert_eq!(list["cacheScope"], "private");
    }
    let old = http.post("alice", &rpc("prompts/get", &filled_in)).await.json()["result"].clone();
    let new = http.send(modern("prompts/get", Some("greet"), filled_in)).await.json()["result"].clone();
    for got in [&old, &new] {
        assert_eq!(got["messages"][0]["content"]["text"], "Greet Eve");
        assert_eq!(got["messages"][0]["role"], "user");
    }
    assert_eq!(new["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "quilt-mcp");
}

#[tokio::test]
async fn arguments_are_completed_as_the_caller_for_clients_of_both_eras() {
    let http = open();
    let whom = prompt_argument("whom", "E");
    let old = http.post("bob", &rpc("completion/complete", &whom)).await.json()["result"].clone();
    let said = |who: &str, wanted: &str| format!(r#"{who} "{wanted}" "E" {{"how":"warmly"}}"#);
    assert_eq!(old["completion"], json!({"values": [said("bob", "names")], "hasMore": true}));
    let new = http.send(modern("completion/complete", None, whom)).await.json()["result"].clone();
    assert_eq!(new["completion"]["values"], json!([said("alice", "names")]));

    let mut variable = prompt_argument("word", "E");
    variable["ref"] = json!({"type": "ref/resource", "uri": "fake://echo/{word}"});
    let of_template = http.post("bob", &rpc("completion/complete", &variable)).await.json()["result"].clone();
    assert_eq!(of_template["completion"]["values"], json!([said("bob", "words")]));

    let nothing = rpc("completion/complete", &prompt_argument("how", "E"));
    let nothing = http.post("bob", &nothing).await.json()["result"]["completion"].clone();
    assert_eq!(nothing["values"], json!([]), "known, and not to be completed");
}

#[tokio::test]
async fn a_completion_of_what_is_not_there_is_a_protocol_error() {
    let http = open();
    let mut of_prompt = prompt_argument("whom", "");
    of_prompt["ref"]["name"] = json!("nothing");
    let mut of_template = prompt_argument("word", "");
    of_template["ref"] = json!({"type": "ref/resource", "uri": "fake://nothing/{word}"});
    for (params, code) in [
        (of_prompt, -32602),
        (of_template, -32602),
        (prompt_argument("nothing", ""), -32602),
        (prompt_argument("whom", "fail"), -32603),
    ] {
        let reply = http.post("alice", &rpc("completion/complete", &params)).await.json();
        assert_eq!(reply["error"]["code"], code, "{params}");
        assert!(!reply.to_string().contains("index is gone"), "{reply}");
    }
}
