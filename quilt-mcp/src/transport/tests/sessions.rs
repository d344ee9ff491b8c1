//! A session is its owner's.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::transport::Limits;
use crate::transport::fake::{Event, Fake, Http, RENEWED, Reply, call, http, initialize, post, rpc};
use crate::transport::http::{HttpOptions, SessionLimits};

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

fn with_sessions(backend: &std::sync::Arc<Fake>, limits: SessionLimits) -> Http {
    http(backend, Limits::default(), &HttpOptions { sessions: Some(limits), ..HttpOptions::default() })
}

async fn open(http: &Http, who: &str) -> Reply {
    http.post(who, &initialize()).await
}

async fn open_id(http: &Http, who: &str) -> String {
    let reply = open(http, who).await;
    assert_eq!(reply.status, StatusCode::OK);
    let id = reply.headers["mcp-session-id"].to_str().expect("visible").to_owned();
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(http.send(within(&id, post(who, &initialized))).await.status, StatusCode::ACCEPTED);
    id
}

fn within(id: &str, mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert("mcp-session-id", id.parse().expect("a header value"));
    request
}

fn bare(method: &str, who: &str) -> Request<Body> {
    let mut request = post(who, &Value::Null);
    *request.method_mut() = method.parse().expect("a method");
    *request.body_mut() = Body::empty();
    request
}

#[tokio::test]
async fn a_foreign_session_cannot_be_told_from_one_that_never_was() {
    let (backend, mut events) = Fake::new();
    let http = with_sessions(&backend, SessionLimits::default());
    let id = open_id(&http, "alice").await;
    let cancelled =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}});

    let running = tokio::spawn({
        let (http, request) = (http.clone(), within(&id, post("alice", &call("waits"))));
        async move { http.send(request).await }
    });
    assert_eq!(events.recv().await, Some(Event::Started));

    let requests: Vec<fn(&Value) -> Request<Body>> = vec![
        |_| post("bob", &call("echo")),
        |_| post("bob", &initialize()),
        |_| post("bob", &rpc("tools/list", &json!({}))),
        |cancelled| post("bob", cancelled),
        |_| bare("GET", "bob"),
        |_| bare("DELETE", "bob"),
    ];
    for request in requests {
        let foreign = http.send(within(&id, request(&cancelled))).await;
        let unknown = http.send(within(UNKNOWN, request(&cancelled))).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        assert_eq!(foreign, unknown);
    }
    assert_eq!(backend.seen(), []);

    // Alice has noticed nothing: her call still runs, and her session is there, also with a renewed token.
    backend.release.add_permits(1);
    let finished = running.await.expect("no panic");
    assert_eq!(finished.events().last().expect("a result")["result"]["structuredContent"]["waited"], true);
    let again = http.send(within(&id, post("alice-renewed", &call("echo")))).await;
    assert_eq!(again.events().last().expect("a result")["result"]["structuredContent"]["who"], "alice");
}

#[tokio::test]
async fn authority_is_that_of_each_request_and_not_of_the_one_that_opened_the_session() {
    let http = with_sessions(&Fake::new().0, SessionLimits::default());
    let id = open_id(&http, "alice").await;
    for (token, role) in [("alice", json!(null)), ("alice-renewed", json!(RENEWED)), ("alice", json!(null))] {
        let reply = http.send(within(&id, post(token, &call("echo")))).await;
        assert_eq!(reply.events().last().expect("a result")["result"]["structuredContent"]["role"], role);
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_token_it_was_opened_with() {
    let http = with_sessions(&Fake::new().0, SessionLimits::default());
    let id = open_id(&http, "alice").await;
    // Reads to the end of a stream that has none of its own.
    let reply = http.send(within(&id, bare("GET", "alice-renewed"))).await;
    assert_eq!(
        (reply.status, &reply.headers["content-type"]),
        (StatusCode::OK, &"text/event-stream".parse().expect("ok"))
    );
}

#[tokio::test]
async fn a_session_does_not_stand_in_for_a_token() {
    let http = with_sessions(&Fake::new().0, SessionLimits::default());
    let id = open_id(&http, "alice").await;
    for who in ["", "mallory"] {
        let reply = http.send(within(&id, post(who, &call("echo")))).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn the_owner_ends_a_session_and_makes_room_for_another() {
    let limits = SessionLimits { per_principal: 1, ..SessionLimits::default() };
    let http = with_sessions(&Fake::new().0, limits);
    let id = open_id(&http, "alice").await;

    let refused = open(&http, "alice").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.json()["error"]["message"].as_str().is_some_and(|m| m.contains("limit exceeded")));
    open_id(&http, "bob").await;

    assert_eq!(http.send(within(&id, bare("DELETE", "alice"))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(http.send(within(&id, post("alice", &call("echo")))).await.status, StatusCode::NOT_FOUND);
    open_id(&http, "alice").await;
}

#[tokio::test]
async fn sessions_are_bounded_in_total() {
    let limits = SessionLimits { in_total: 1, ..SessionLimits::default() };
    let http = with_sessions(&Fake::new().0, limits);
    open_id(&http, "alice").await;
    assert_eq!(open(&http, "bob").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_owner_may_cancel_a_call_of_the_session() {
    let (backend, mut events) = Fake::new();
    let http = with_sessions(&backend, SessionLimits::default());
    let id = open_id(&http, "alice").await;
    let running = tokio::spawn({
        let (http, request) = (http.clone(), within(&id, post("alice", &call("waits"))));
        async move { http.send(request).await }
    });
    assert_eq!(events.recv().await, Some(Event::Started));
    let cancelled =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}});
    assert_eq!(http.send(within(&id, post("alice", &cancelled))).await.status, StatusCode::ACCEPTED);
    assert!(matches!(events.recv().await, Some(Event::Answered(..))));
    assert_eq!(events.recv().await, Some(Event::Cancelled));
    running.abort();
}

#[tokio::test]
async fn without_sessions_there_is_nothing_to_listen_to_or_to_end() {
    let http = http(&Fake::new().0, Limits::default(), &HttpOptions::default());
    assert!(!open(&http, "alice").await.headers.contains_key("mcp-session-id"));
    for method in ["GET", "DELETE"] {
        let reply = http.send(within(UNKNOWN, bare(method, "alice"))).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    // An id left over from before is ignored: each request stands alone.
    let reply = http.send(within(UNKNOWN, post("alice", &call("echo")))).await;
    assert_eq!(reply.json()["result"]["structuredContent"]["who"], "alice");
}
