//! What a request must pass before MCP sees it.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

use crate::transport::Limits;
use crate::transport::fake::{Fake, Http, Reply, call, http, initialize, post, rpc};
use crate::transport::http::{HttpOptions, SessionLimits};

fn open() -> Http {
    http(&Fake::new().0, Limits::default(), &HttpOptions::default())
}

fn from(request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    let mut request = request;
    request.headers_mut().insert(name, value.parse().expect("a header value"));
    request
}

#[tokio::test]
async fn every_request_needs_a_token_and_every_failure_looks_the_same() {
    let sessions = Some(SessionLimits::default());
    for options in [HttpOptions::default(), HttpOptions { sessions, ..HttpOptions::default() }] {
        let (backend, _) = Fake::new();
        let http = http(&backend, Limits::default(), &options);
        let none = Request::post("/mcp").header("host", "localhost").body(Body::empty()).expect("a request");
        let expected = http.send(none).await;
        assert_eq!(expected.status, StatusCode::UNAUTHORIZED);
        assert_eq!(expected.headers["www-authenticate"], "Bearer");
        assert_refusal(&expected);

        for message in [initialize(), rpc("tools/list", &json!({})), call("echo"), json!("nonsense")] {
            assert_eq!(http.post("mallory", &message).await, expected);
            let twice = post("alice", &message);
            let (mut parts, body) = twice.into_parts();
            parts.headers.append("authorization", "Bearer alice".parse().expect("a header value"));
            assert_eq!(http.send(Request::from_parts(parts, body)).await, expected);
        }
        for method in ["GET", "DELETE", "PUT", "OPTIONS"] {
            let request =
                Request::builder().method(method).uri("/mcp?access_token=alice").header("host", "localhost");
            let reply = http.send(request.body(Body::empty()).expect("a request")).await;
            // A preflight carries no token by nature, and gets nothing but CORS headers.
            let status = if method == "OPTIONS" { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            assert_eq!(reply.status, status, "{method}");
        }
        assert_eq!(backend.seen(), []);
    }
}

#[tokio::test]
async fn foreign_hosts_and_origins_are_refused_even_with_a_token() {
    let http = open();
    for method in ["POST", "GET", "DELETE", "OPTIONS"] {
        for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example"), ("origin", "null")]
        {
            let mut request = post("alice", &call("echo"));
            *request.method_mut() = method.parse().expect("a method");
            let reply = http.send(from(request, name, value)).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{method} {name}: {value}");
            assert!(!reply.headers.contains_key("access-control-allow-origin"));
        }
    }
    let own = http.send(from(post("alice", &call("echo")), "origin", "http://localhost:6274")).await;
    assert_eq!(own.status, StatusCode::OK);
    assert_eq!(own.headers["access-control-allow-origin"], "http://localhost:6274");
}

#[tokio::test]
async fn a_preflight_from_an_allowed_page_is_answered_without_a_token() {
    let options =
        HttpOptions { allowed_origins: vec!["https://app.example.com".into()], ..HttpOptions::default() };
    let http = http(&Fake::new().0, Limits::default(), &options);
    let preflight = Request::options("/mcp")
        .header("host", "localhost")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,mcp-protocol-version")
        .body(Body::empty())
        .expect("a request");
    let reply = http.send(preflight).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.headers["access-control-allow-origin"], "https://app.example.com");
    assert_eq!(reply.headers["access-control-allow-headers"], "authorization,mcp-protocol-version");
    assert!(!reply.headers.contains_key("access-control-allow-credentials"));
}

#[tokio::test]
async fn nothing_else_is_on_the_listener() {
    let http = open();
    for path in ["/", "/metrics", "/livez", "/readyz", "/mcp/", "/mcp/x"] {
        let request = Request::get(path).header("host", "localhost").body(Body::empty()).expect("a request");
        let reply = http.send(request).await;
        assert_eq!((reply.status, reply.body.as_str()), (StatusCode::NOT_FOUND, ""), "{path}");
    }
}

#[tokio::test]
async fn a_long_body_is_refused_before_its_sender_is_known() {
    let options = HttpOptions { max_body: 200, ..HttpOptions::default() };
    let (backend, _) = Fake::new();
    let http = http(&backend, Limits::default(), &options);
    let long = rpc("tools/call", &json!({"name": "echo", "arguments": {"a": "x".repeat(200)}}));
    let declared = from(post("mallory", &long), "content-length", &long.to_string().len().to_string());
    assert_eq!(http.send(declared).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // Without a declared length the body is counted, and only an authenticated one is read at all.
    assert_eq!(http.post("mallory", &long).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(http.post("alice", &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(http.post("alice", &call("echo")).await.status, StatusCode::OK);
    assert_eq!(backend.seen().len(), 1);
}

#[tokio::test]
async fn what_is_no_message_gets_a_json_rpc_error() {
    let http = open();
    for (body, code) in
        [("{", -32700), ("", -32700), ("[]", -32600), (r#"{"jsonrpc":"1.0"}"#, -32600), ("7", -32600)]
    {
        let (parts, _) = post("alice", &json!(null)).into_parts();
        let reply = http.send(Request::from_parts(parts, Body::from(body))).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        let json = reply.json();
        assert_eq!(json["error"]["code"], json!(code), "{body}");
        assert_refusal(&reply);
    }
}

/// A refusal of the HTTP layer has one shape, whoever refuses.
fn assert_refusal(reply: &Reply) {
    assert_eq!(reply.headers["content-type"], "application/json", "{reply:?}");
    let body = reply.json();
    let words = body["error"]["message"].as_str().unwrap_or_default();
    assert!(body["error"]["code"].is_i64() && !words.is_empty(), "{body}");
    assert_eq!((&body["jsonrpc"], body.get("id")), (&json!("2.0"), Some(&json!(null))), "{body}");
}

#[tokio::test]
async fn every_refusal_has_one_shape() {
    let sessions = Some(SessionLimits::default());
    for options in [HttpOptions::default(), HttpOptions { sessions, ..HttpOptions::default() }] {
        let kept = options.sessions.is_some();
        let http = http(&Fake::new().0, Limits::default(), &options);
        let with = |method: &str, headers: &[(&'static str, &str)]| {
            let mut request = post("alice", &call("echo"));
            *request.method_mut() = method.parse().expect("a method");
            headers.iter().fold(request, |request, (name, value)| from(request, name, value))
        };
        let version = ("mcp-protocol-version", "1999-01-01");
        for (request, status) in [
            (with("PUT", &[]), StatusCode::METHOD_NOT_ALLOWED),
            (with("POST", &[("accept", "text/html")]), StatusCode::NOT_ACCEPTABLE),
            (
                // What a page can send without a preflight.
                with("POST", &[("content-type", "application/x-www-form-urlencoded")]),
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ),
            (with("POST", &[version]), StatusCode::BAD_REQUEST),
            (with("POST", &[("host", "evil.example")]), StatusCode::FORBIDDEN),
            (with("POST", &[("authorization", "Bearer mallory")]), StatusCode::UNAUTHORIZED),
        ] {
            let reply = http.send(request).await;
            assert_eq!(reply.status, status, "{reply:?}");
            assert_refusal(&reply);
            if status == StatusCode::METHOD_NOT_ALLOWED {
                assert!(reply.headers.contains_key("allow"), "{reply:?}");
            }
        }
        if kept {
            let unknown = http.send(with("POST", &[("mcp-session-id", "nobody's")])).await;
            assert_eq!(
                (unknown.status, &unknown.json()["error"]["code"]),
                (StatusCode::NOT_FOUND, &json!(-32001))
            );
            assert_refusal(&unknown);
            let none = http.send(with("POST", &[])).await;
            assert_eq!(none.status, StatusCode::BAD_REQUEST, "{none:?}");
            assert_refusal(&none);
        } else {
            for method in ["GET", "DELETE"] {
                let reply = http.send(with(method, &[])).await;
                assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
                assert_refusal(&reply);
            }
        }
    }
}

#[tokio::test]
async fn the_answer_to_a_head_says_its_length_and_has_no_body() {
    let http = http(&Fake::new().0, Limits::default(), &HttpOptions::default());
    for (path, host) in [("/mcp", "localhost"), ("/mcp", "evil.example"), ("/elsewhere", "localhost")] {
        let ask = async |method: Method| {
            let request = Request::builder().method(method).uri(path).header("host", host);
            http.send(request.body(Body::empty()).expect("a request")).await
        };
        let (get, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path} at {host}");
        let length = head.headers.get("content-length").and_then(|length| length.to_str().ok());
        assert_eq!(length, Some(get.body.len().to_string().as_str()), "{path} at {host}");
    }
}
