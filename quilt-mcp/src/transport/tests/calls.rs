//! How calls run and end.

use std::time::Duration;

use serde_json::json;

use super::refusal;
use crate::error::ErrorCode;
use crate::transport::fake::{Event, Fake, call, http, rpc};
use crate::transport::http::HttpOptions;
use crate::transport::{Limits, Outcome};

fn answered(tool: &str, outcome: Outcome) -> Event {
    Event::Answered(tool.into(), outcome)
}

#[tokio::test]
async fn a_panic_is_answered_and_counted_and_nobody_else_notices() {
    let (backend, mut events) = Fake::new();
    let http =
        http(&backend, Limits { calls_per_principal: 1, ..Limits::default() }, &HttpOptions::default());
    for _ in 0..2 {
        let result = http.call("alice", "panics").await;
        let envelope = refusal(&result);
        let error = &envelope["error"];
        assert_eq!((&result["isError"], &error["code"]), (&json!(true), &json!("internal")));
        assert_eq!(error["request_id"].as_str().map(str::len), Some(32));
        assert!(!result.to_string().contains("broken"), "the caller learns nothing of the panic");
        assert_eq!(events.recv().await, Some(answered("panics", Outcome::Panicked)));
    }
    assert_eq!(http.call("alice", "echo").await["isError"], false);
}

#[tokio::test]
async fn at_the_deadline_the_caller_is_answered_and_the_call_stopped() {
    let (backend, mut events) = Fake::new();
    let limits = Limits { call_deadline: Duration::from_millis(30), ..Limits::default() };
    let http = http(&backend, limits, &HttpOptions::default());
    let result = http.call("alice", "waits").await;
    assert_eq!(refusal(&result)["error"]["code"], "cancelled");
    assert_eq!(events.recv().await, Some(Event::Started));
    assert_eq!(events.recv().await, Some(answered("waits", Outcome::TimedOut)));
    assert_eq!(events.recv().await, Some(Event::Cancelled));
}

#[tokio::test]
async fn a_client_that_goes_away_stops_its_call() {
    let (backend, mut events) = Fake::new();
    let http = http(&backend, Limits::default(), &HttpOptions::default());
    let request = tokio::spawn({
        let http = http.clone();
        async move { http.call("alice", "waits").await }
    });
    assert_eq!(events.recv().await, Some(Event::Started));
    request.abort();
    assert_eq!(events.recv().await, Some(answered("waits", Outcome::Failed(ErrorCode::Cancelled))));
    assert_eq!(events.recv().await, Some(Event::Cancelled));
}

#[tokio::test]
async fn one_principals_calls_are_limited_and_do_not_limit_anothers() {
    let (backend, mut events) = Fake::new();
    let http =
        http(&backend, Limits { calls_per_principal: 1, ..Limits::default() }, &HttpOptions::default());
    let running = tokio::spawn({
        let http = http.clone();
        async move { http.call("alice", "waits").await }
    });
    assert_eq!(events.recv().await, Some(Event::Started));
    // Another token of the same person is the same person.
    let refused = http.call("alice-renewed", "echo").await;
    assert_eq!(refusal(&refused)["error"]["code"], "limit_exceeded");
    let read = http.post("alice", &rpc("resources/read", &json!({"uri": "fake://echo"}))).await;
    assert_eq!(read.json()["error"]["data"]["error"]["code"], "limit_exceeded");
    assert_eq!(http.call("bob", "echo").await["isError"], false);

    backend.release.add_permits(1);
    assert_eq!(running.await.expect("no panic")["structuredContent"]["waited"], true);
    assert_eq!(http.call("alice", "echo").await["isError"], false);
    assert_eq!(backend.seen().len(), 2);
}

#[tokio::test]
async fn progress_reaches_who_asked_for_it_before_the_result() {
    let (backend, _events) = Fake::new();
    let http = http(&backend, Limits::default(), &HttpOptions::default());
    let mut message = call("reports");
    assert_eq!(http.post("alice", &message).await.json()["result"]["isError"], false);

    message["params"]["_meta"] = json!({"progressToken": "p"});
    let reply = http.post("alice", &message).await;
    assert_eq!(reply.headers["content-type"], "text/event-stream");
    let events = reply.events();
    let reported: Vec<_> = events.iter().filter(|e| e["method"] == "notifications/progress").collect();
    let progress: Vec<_> = reported.iter().map(|e| e["params"]["progress"].as_f64()).collect();
    assert_eq!(progress, [Some(0.0), Some(1.0), Some(2.0)]);
    for report in reported {
        assert_eq!(report["params"]["progressToken"], "p");
        assert_eq!(report["params"]["total"].as_f64(), Some(2.0));
    }
    assert_eq!(events.last().map(|e| &e["result"]["isError"]), Some(&json!(false)));
}
