//! The server as an OAuth resource server: its metadata, its challenges, scopes, and rates.

use std::time::{Duration, Instant};

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use serde_json::json;

use crate::transport::Limits;
use crate::transport::fake::{Fake, Http, call, http, initialize, post, rpc};
use crate::transport::http::{HttpOptions, ProtectedResource, Rates};

fn resource() -> ProtectedResource {
    ProtectedResource {
        url: "https://mcp.example.com/mcp".into(),
        authorization_servers: vec!["https://idp.example.com".into()],
        scopes: true,
    }
}

fn open(options: &HttpOptions) -> Http {
    http(&Fake::new().0, Limits::default(), options)
}

fn scoped() -> HttpOptions {
    HttpOptions { resource: Some(resource()), ..HttpOptions::default() }
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).header("host", "localhost").body(Body::empty()).expect("a request")
}

fn challenge(headers: &HeaderMap) -> &str {
    headers["www-authenticate"].to_str().expect("ASCII")
}

#[tokio::test]
async fn the_metadata_is_at_both_places_for_everybody() {
    let http = open(&scoped());
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let reply = http.send(get(path)).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        let document = reply.json();
        assert_eq!(document["resource"], "https://mcp.example.com/mcp");
        assert_eq!(document["authorization_servers"], json!(["https://idp.example.com"]));
        assert_eq!(document["bearer_methods_supported"], json!(["header"]));
        assert_eq!(document["scopes_supported"], json!(["quilt:read", "quilt:write", "quilt:admin"]));
        let post = Request::post(path).header("host", "localhost").body(Body::empty()).expect("a request");
        assert_eq!(http.send(post).await.status, StatusCode::METHOD_NOT_ALLOWED);
        let foreign =
            Request::get(path).header("host", "evil.example").body(Body::empty()).expect("a request");
        assert_eq!(http.send(foreign).await.status, StatusCode::FORBIDDEN);
    }
    let without = open(&HttpOptions::default());
    assert_eq!(
        without.send(get("/.well-known/oauth-protected-resource")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_challenge_leads_to_the_metadata() {
    let reply = open(&scoped()).post("mallory", &call("echo")).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        challenge(&reply.headers),
        "Bearer scope=\"quilt:read\", \
         resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\""
    );
}

/// Another token would not help, and this one is perhaps good: so there is no challenge, but a time.
#[tokio::test]
async fn what_cannot_be_found_out_now_is_to_be_asked_again() {
    let reply = open(&scoped()).post("nobody-knows", &call("echo")).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.headers["retry-after"], "5");
    assert!(!reply.headers.contains_key("www-authenticate"));
    assert_eq!(
        reply.json()["error"]["message"],
        "it cannot be checked now whose token this is, try again later"
    );
}

#[tokio::test]
async fn a_token_is_good_for_what_its_scopes_say() {
    let http = open(&scoped());
    for message in [initialize(), rpc("tools/list", &json!({})), call("echo")] {
        assert_eq!(http.post("carol-reads", &message).await.status, StatusCode::OK, "{message}");
    }
    let refused = http.post("carol-reads", &call("waits")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()["error"]["message"], "the token lacks the scope `quilt:write`");
    let told = challenge(&refused.headers);
    assert!(
        told.starts_with("Bearer error=\"insufficient_scope\", scope=\"quilt:write\", resource_metadata="),
        "{told}"
    );

    for message in [initialize(), rpc("tools/list", &json!({})), call("echo"), json!("nonsense")] {
        let refused = http.post("carol-nothing", &message).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{message}");
        assert!(challenge(&refused.headers).contains("scope=\"quilt:read\""));
    }
}

#[tokio::test]
async fn a_message_that_hides_what_it_calls_is_refused_all_the_same() {
    let (backend, mut events) = Fake::new();
    let http = http(&backend, Limits::default(), &scoped());
    for params in [
        r#"{"name":"echo","name":"waits","arguments":{}}"#,
        r#"{"n\u0061me":"waits","arguments":{}}"#,
        r#"{"name":"w\u0061its","arguments":{}}"#,
        r#"{"name":"echo","uri":7,"name":"waits"}"#,
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{params}}}"#);
        let (parts, _) = post("carol-reads", &json!(null)).into_parts();
        let reply = http.send(Request::from_parts(parts, Body::from(body))).await;
        assert!(
            reply.status == StatusCode::FORBIDDEN || !reply.body.contains("\"waited\""),
            "{params}: {reply:?}"
        );
    }
    // Of all these none has reached the tool: the first thing that does is this.
    let waiting = tokio::spawn({
        let http = http.clone();
        async move { http.call("alice", "waits").await }
    });
    let first = loop {
        match events.recv().await.expect("an event") {
            crate::transport::fake::Event::Answered(tool, _) => assert_ne!(tool, "waits"),
            other => break other,
        }
    };
    assert_eq!(first, crate::transport::fake::Event::Started);
    backend.release.add_permits(1);
    waiting.await.expect("answered");
    assert_eq!(
        events.recv().await,
        Some(crate::transport::fake::Event::Answered("waits".into(), crate::transport::Outcome::Succeeded))
    );
}

#[tokio::test]
async fn who_sends_too_much_is_told_when_to_come_again() {
    let rates = Rates { per_principal: Some(3), per_tenant: None };
    let http = open(&HttpOptions { rates, ..HttpOptions::default() });
    for _ in 0..3 {
        assert_eq!(http.post("alice", &call("echo")).await.status, StatusCode::OK);
    }
    let refused = http.post("alice", &call("echo")).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = refused.headers["retry-after"].to_str().expect("ASCII").parse().expect("a number");
    assert!((1..=20).contains(&seconds), "{seconds}");
    assert_eq!(http.post("bob", &call("echo")).await.status, StatusCode::OK, "bob has sent nothing");
    // Who is nobody is told that first, and uses up nobody's allowance.
    for _ in 0..10 {
        assert_eq!(http.post("mallory", &call("echo")).await.status, StatusCode::UNAUTHORIZED);
    }
}

/// Who floods would otherwise be refused as fast as tokens can be verified, which is all that the processor does then.
#[tokio::test]
async fn who_goes_on_is_refused_slowly() {
    let rates = Rates { per_principal: Some(1), per_tenant: None };
    let http = open(&HttpOptions { rates, ..HttpOptions::default() });
    assert_eq!(http.post("alice", &call("echo")).await.status, StatusCode::OK);
    assert_eq!(http.post("alice", &call("echo")).await.status, StatusCode::TOO_MANY_REQUESTS);
    let started = Instant::now();
    assert_eq!(http.post("alice", &call("echo")).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(started.elapsed() >= Duration::from_millis(100), "{:?}", started.elapsed());
}
