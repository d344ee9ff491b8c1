//! A plain request is answered by ourselves, anything else by rmcp: nobody can tell by the answer.

use std::sync::atomic::Ordering;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::error::ErrorCode;
use crate::transport::fake::{Event, Fake, Http, Reply, call, http, post};
use crate::transport::http::direct::PlainRequest;
use crate::transport::http::{HttpOptions, SessionLimits, accept};
use crate::transport::{Limits, Outcome, fake};

const OLD: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];
const NEW: &str = "2026-07-28";
/// The type of what clients send, and the same in words that only rmcp reads.
const PLAIN: &str = "application/json";
const SAME: &str = "application/json; charset=utf-8";

fn new_meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": NEW,
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

fn new_call(tool: &str, arguments: &Value) -> Value {
    let mut message = call(tool);
    message["params"]["arguments"] = arguments.clone();
    message["params"]["_meta"] = new_meta();
    message
}

/// As a client of this version sends it.
fn sent(version: &str, content_type: &str, message: &str) -> Request<Body> {
    let mut request = post("alice", &Value::Null);
    *request.body_mut() = Body::from(message.to_owned());
    let headers = request.headers_mut();
    headers.insert("content-type", content_type.parse().expect("a value"));
    headers.insert("mcp-protocol-version", version.parse().expect("a value"));
    if version == NEW {
        let message: Value = serde_json::from_str(message).unwrap_or_default();
        let method = message["method"].as_str().unwrap_or("tools/call");
        headers.insert("mcp-method", method.parse().expect("a value"));
        let name = message["params"]["name"].as_str();
        if let Some(name) = name.or((method == "tools/call").then_some("")) {
            headers.insert("mcp-name", name.parse().expect("a value"));
        }
    }
    request
}

/// Whether it is answered by ourselves when the gate has let it in.
fn is_plain(request: Request<Body>, message: &str, sessions: bool) -> bool {
    let server = fake::server(&Fake::new().0, Limits::default());
    let (mut parts, body) = request.into_parts();
    accept::widen(&parts.method, &mut parts.headers);
    let request = &Request::from_parts(parts, body);
    PlainRequest::read(request, message.as_bytes(), &server, sessions).is_some()
}

/// Everything but the names of request and span, which differ with each request.
fn comparable(mut reply: Reply) -> Reply {
    if let Ok(mut body) = serde_json::from_str::<Value>(&reply.body) {
        for pointer in ["/result/_meta/traceparent", "/result/structuredContent/error/request_id"] {
            if let Some(name) = body.pointer_mut(pointer) {
                *name = json!(name.as_str().map(str::len));
            }
        }
        if body["result"]["isError"] == true {
            let text = body["result"]["content"][0]["text"].as_str().unwrap_or_default().len();
            body["result"]["content"][0]["text"] = json!(text);
        }
        reply.body = body.to_string();
    }
    reply
}

async fn both(http: &Http, version: &str, message: &str) -> (Reply, Reply) {
    let plain = http.send(sent(version, PLAIN, message)).await;
    let same = http.send(sent(version, SAME, message)).await;
    (comparable(plain), comparable(same))
}

#[tokio::test]
async fn plain_calls_are_answered_as_rmcp_answers_them() {
    let http = http(&Fake::new().0, Limits::default(), &HttpOptions::default());
    for tool in ["echo", "fails", "panics", "reports"] {
        for arguments in [json!({}), json!({"text": "grüße \u{1F642} \"\\", "deep": {"a": [1, 2.5, null]}})]
        {
            let mut old = call(tool);
            old["params"]["arguments"] = arguments.clone();
            let mut traced = old.clone();
            traced["id"] = json!("a name");
            traced["params"]["_meta"] =
                json!({"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "other": 1});
            let new = new_call(tool, &arguments);
            let all =
                OLD.iter().flat_map(|version| [(*version, &old), (*version, &traced)]).chain([(NEW, &new)]);
            for (version, message) in all {
                let message = message.to_string();
                assert!(is_plain(sent(version, PLAIN, &message), &message, false), "{version} {message}");
                assert!(!is_plain(sent(version, SAME, &message), &message, false), "{version} {message}");
                let (plain, same) = both(&http, version, &message).await;
                assert_eq!(plain, same, "{version} {message}");
                assert_eq!(plain.status, 200);
            }
        }
    }
}

#[tokio::test]
async fn the_list_of_tools_is_the_one_that_rmcp_gives() {
    let http = http(&Fake::new().0, Limits::default(), &HttpOptions::default());
    let bare = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list"});
    let (empty, new) =
        (fake::rpc("tools/list", &json!({})), fake::rpc("tools/list", &json!({"_meta": new_meta()})));
    let mut named = fake::rpc("tools/list", &json!({"_meta": {"other": "[]"}}));
    named["id"] = json!("\"tools\":[]");
    let old = [bare, empty, named];
    let all = OLD.iter().flat_map(|version| old.iter().map(move |message| (*version, message)));
    for (version, message) in all.chain([(NEW, &new)]) {
        let message = message.to_string();
        assert!(is_plain(sent(version, PLAIN, &message), &message, false), "{version} {message}");
        let (mut plain, same) = both(&http, version, &message).await;
        let length = plain.headers.remove("content-length").expect("the length of what comes in parts");
        assert_eq!(length, plain.body.len().to_string());
        assert_eq!(plain, same, "{version} {message}");
        assert!(plain.json()["result"]["tools"].as_array().is_some_and(|tools| tools.len() > 1), "{plain:?}");
    }
}

#[tokio::test]
async fn a_list_that_is_not_plain_is_left_to_rmcp() {
    let http = http(&Fake::new().0, Limits::default(), &HttpOptions::default());
    let others = [
        (NEW, json!({})),
        (NEW, json!({"_meta": new_meta(), "cursor": "next"})),
        (NEW, json!({"_meta": new_meta(), "name": "echo"})),
        (NEW, json!({"_meta": new_meta(), "arguments": {}})),
        ("2025-11-25", json!({"_meta": {"progressToken": 1}})),
        ("2025-11-25", json!({"cursor": "next"})),
        ("2025-11-25", json!([])),
        ("2025-11-25", json!([null, null, null])),
        ("2025-11-25", Value::Null),
        ("2024-11-05", json!({})),
    ];
    for (version, params) in others {
        let message = fake::rpc("tools/list", &params).to_string();
        assert!(!is_plain(sent(version, PLAIN, &message), &message, false), "{version} {message}");
        let (plain, same) = both(&http, version, &message).await;
        assert_eq!(plain, same, "{version} {message}");
    }
    let message = fake::rpc("tools/list", &json!({"_meta": new_meta()})).to_string();
    let mut with_a_name = sent(NEW, PLAIN, &message);
    with_a_name.headers_mut().insert("mcp-name", "echo".parse().expect("a value"));
    assert!(!is_plain(with_a_name, &message, false));
    let old = fake::rpc("tools/list", &json!({})).to_string();
    assert!(!is_plain(sent("2025-11-25", PLAIN, &old), &old, true), "in a session");
}

#[tokio::test]
async fn large_answers_are_written_where_the_backend_computes() {
    let (backend, _) = Fake::new();
    let http = http(&backend, Limits::default(), &HttpOptions::default());
    for (length, elsewhere) in [(1_000, 0), (100_000, 2)] {
        let message = new_call("echo", &json!({"text": "a\n".repeat(length / 2)})).to_string();
        let (plain, same) = both(&http, NEW, &message).await;
        assert_eq!(plain, same);
        assert!(plain.body.len() > 2 * length, "structured and as text: {}", plain.body.len());
        let computed = std::mem::take(&mut *backend.computed.lock().expect("not poisoned"));
        assert_eq!(computed, vec!["alice"; elsewhere], "{length}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_while_it_is_written_is_an_error() {
    let (backend, _) = Fake::new();
    backend.loses_work.store(true, Ordering::Relaxed);
    let http = http(&backend, Limits::default(), &HttpOptions::default());
    let message = new_call("echo", &json!({"text": "a".repeat(100_000)})).to_string();
    let plain = http.send(sent(NEW, PLAIN, &message)).await;
    assert_eq!(
        (plain.status, &plain.json()["error"]["code"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &json!(-32603))
    );
    let same = http.send(sent(NEW, SAME, &message)).await;
    assert_eq!(same.json()["error"]["code"], json!(-32603), "{same:?}");
}

#[tokio::test]
async fn what_is_unusual_or_wrong_is_left_to_rmcp() {
    let http = http(&Fake::new().0, Limits::default(), &HttpOptions::default());
    let new = new_call("echo", &json!({}));
    let with = |change: fn(&mut Value)| {
        let mut message = new.clone();
        change(&mut message);
        message.to_string()
    };
    let wrong = [
        with(|m| m["jsonrpc"] = json!("1.0")),
        with(|m| m["method"] = json!("tools/list")),
        with(|m| m["extra"] = json!(1)),
        with(|m| m["id"] = Value::Null),
        with(|m| m["params"]["name"] = json!("no_such_tool")),
        with(|m| m["params"]["task"] = json!({})),
        with(|m| m["params"]["arguments"] = json!([])),
        with(|m| m["params"]["_meta"]["progressToken"] = json!(1)),
        with(|m| m["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2025-11-25")),
        with(|m| m["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01")),
        with(|m| m["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!(1)),
        new.to_string().replacen("{", r#"{"id":8,"#, 1),
        new.to_string().replacen("{", "[{", 1),
        json!(["2.0", 1, "tools/call", {"name": "echo"}]).to_string(),
        json!(["2.0", 1, "tools/list"]).to_string(),
        with(|m| m["params"] = json!(["echo", {}, null])),
        String::new(),
    ];
    for message in &wrong {
        for version in [NEW, "2025-11-25", "2099-01-01"] {
            assert!(!is_plain(sent(version, PLAIN, message), message, false), "{version} {message}");
            let (plain, same) = both(&http, version, message).await;
            assert_eq!(plain, same, "{version} {message}");
        }
    }
    let without_meta = call("echo").to_string();
    assert!(!is_plain(sent(NEW, PLAIN, &without_meta), &without_meta, false));
    let (plain, same) = both(&http, NEW, &without_meta).await;
    assert_eq!((plain.status, &plain), (StatusCode::BAD_REQUEST, &same));
}

#[tokio::test]
async fn a_client_that_goes_away_stops_its_plain_call() {
    let (backend, mut events) = Fake::new();
    let http = http(&backend, Limits::default(), &HttpOptions::default());
    let request =
        tokio::spawn(async move { http.send(sent("2025-11-25", PLAIN, &call("waits").to_string())).await });
    assert_eq!(events.recv().await, Some(Event::Started));
    request.abort();
    let cancelled = Outcome::Failed(ErrorCode::Cancelled);
    assert_eq!(events.recv().await, Some(Event::Answered("waits".into(), cancelled)));
    assert_eq!(events.recv().await, Some(Event::Cancelled));
}

#[test]
fn headers_must_say_what_the_message_says() {
    let message = new_call("echo", &json!({})).to_string();
    let good = || sent(NEW, PLAIN, &message);
    assert!(is_plain(good(), &message, false));
    for (name, value) in [
        ("mcp-method", "tools/list"),
        ("mcp-name", "fails"),
        ("mcp-name", "=?base64?ZWNobw==?="),
        ("mcp-protocol-version", "2025-11-25"),
        ("mcp-protocol-version", "2024-11-05"),
        ("content-type", "text/plain"),
    ] {
        let mut other = good();
        other.headers_mut().insert(name, value.parse().expect("a value"));
        assert!(!is_plain(other, &message, false), "{name}: {value}");
        let mut twice = good();
        twice.headers_mut().append(name, value.parse().expect("a value"));
        assert!(!is_plain(twice, &message, false), "{name} twice");
        let mut none = good();
        none.headers_mut().remove(name);
        assert!(!is_plain(none, &message, false), "no {name}");
    }
    let mut other = good();
    other.headers_mut().insert("accept", "text/html".parse().expect("a value"));
    assert!(!is_plain(other, &message, false), "accept: text/html");
}

#[tokio::test]
async fn older_clients_call_in_their_sessions_where_there_are_any() {
    let old = call("echo").to_string();
    assert!(!is_plain(sent("2025-11-25", PLAIN, &old), &old, true));
    let new = new_call("echo", &json!({})).to_string();
    assert!(is_plain(sent(NEW, PLAIN, &new), &new, true));

    let options = HttpOptions { sessions: Some(SessionLimits::default()), ..HttpOptions::default() };
    let http = http(&Fake::new().0, Limits::default(), &options);
    let (plain, same) = both(&http, "2025-11-25", &old).await;
    assert_eq!((plain.status, &plain), (StatusCode::BAD_REQUEST, &same));
    let (plain, same) = both(&http, NEW, &new).await;
    assert_eq!((plain.status, &plain), (StatusCode::OK, &same));
}
