//! The pipe.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::refusal;
use crate::transport::drain::Drained;
use crate::transport::fake::{Event, Fake, call, identity, initialize, rpc, server};
use crate::transport::{Limits, stdio};

struct Pipe {
    input: DuplexStream,
    output: Lines<BufReader<DuplexStream>>,
    shutdown: CancellationToken,
    served: JoinHandle<io::Result<Drained>>,
}

impl Pipe {
    fn to(backend: &Arc<Fake>, limits: Limits) -> Self {
        let (input, theirs) = tokio::io::duplex(100_000);
        let (ours, output) = tokio::io::duplex(100_000);
        let (server, shutdown) = (server(backend, limits), CancellationToken::new());
        let stop = shutdown.clone();
        let served =
            tokio::spawn(
                async move { stdio::serve_pipe(&server, identity("local"), theirs, ours, stop).await },
            );
        Self { input, output: BufReader::new(output).lines(), shutdown, served }
    }

    async fn opened(backend: &Arc<Fake>, limits: Limits) -> Self {
        let mut pipe = Self::to(backend, limits);
        pipe.send(&initialize()).await;
        assert_eq!(pipe.next().await.expect("an answer")["result"]["serverInfo"]["name"], "quilt-mcp");
        pipe.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        pipe
    }

    async fn send(&mut self, message: &Value) {
        self.input.write_all(format!("{message}\n").as_bytes()).await.expect("the server reads");
    }

    async fn next(&mut self) -> Option<Value> {
        let line = self.output.next_line().await.expect("text")?;
        Some(serde_json::from_str(&line).expect("every line is JSON"))
    }
}

#[tokio::test]
async fn calls_are_the_one_users_and_panics_are_answered() {
    let (backend, _events) = Fake::new();
    let mut pipe = Pipe::opened(&backend, Limits::default()).await;
    pipe.send(&call("echo")).await;
    assert_eq!(pipe.next().await.expect("an answer")["result"]["structuredContent"]["who"], "local");
    pipe.send(&call("panics")).await;
    let panicked = pipe.next().await.expect("an answer");
    assert_eq!(refusal(&panicked["result"])["error"]["code"], "internal");
    drop(pipe.input);
    assert_eq!(pipe.served.await.expect("no panic").expect("served"), Drained::default());
}

#[tokio::test]
async fn when_input_ends_running_calls_are_still_answered() {
    let (backend, mut events) = Fake::new();
    let mut pipe = Pipe::opened(&backend, Limits::default()).await;
    pipe.send(&call("waits")).await;
    // The input ends at once, maybe before the call has started.
    pipe.input.shutdown().await.expect("closed");
    assert_eq!(events.recv().await, Some(Event::Started));
    assert!(!pipe.served.is_finished());
    backend.release.add_permits(1);
    let answer = pipe.next().await.expect("an answer");
    assert_eq!(answer["result"]["structuredContent"]["waited"], true);
    assert_eq!(pipe.next().await, None);
    assert_eq!(pipe.served.await.expect("no panic").expect("served"), Drained::default());
}

#[tokio::test]
async fn asked_to_stop_it_takes_no_more_and_stops_what_outlasts_the_drain() {
    let (backend, mut events) = Fake::new();
    let limits = Limits { drain_deadline: Duration::from_millis(30), ..Limits::default() };
    let mut pipe = Pipe::opened(&backend, limits).await;
    pipe.send(&call("waits")).await;
    assert_eq!(events.recv().await, Some(Event::Started));
    pipe.shutdown.cancel();
    let answer = pipe.next().await.expect("an answer");
    assert_eq!(refusal(&answer["result"])["error"]["code"], "cancelled");
    assert_eq!(pipe.next().await, None);
    let drained = pipe.served.await.expect("no panic").expect("served");
    assert_eq!(drained, Drained { stopped: 1, abandoned: 0 });
    assert!(matches!(events.recv().await, Some(Event::Answered(..))));
    assert_eq!(events.recv().await, Some(Event::Cancelled));
}

#[tokio::test]
async fn a_cancelled_call_is_stopped_and_not_answered() {
    let (backend, mut events) = Fake::new();
    let mut pipe = Pipe::opened(&backend, Limits::default()).await;
    pipe.send(&call("waits")).await;
    assert_eq!(events.recv().await, Some(Event::Started));
    pipe.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}))
        .await;
    assert!(matches!(events.recv().await, Some(Event::Answered(..))));
    assert_eq!(events.recv().await, Some(Event::Cancelled));
    drop(pipe.input);
    assert_eq!(pipe.output.next_line().await.expect("text"), None);
    assert_eq!(pipe.served.await.expect("no panic").expect("served"), Drained::default());
}

#[tokio::test]
async fn what_is_not_json_is_answered_and_the_session_goes_on() {
    let (backend, _events) = Fake::new();
    let mut pipe = Pipe::to(&backend, Limits::default());
    // Before the session is open, within it, and as the last word.
    pipe.input.write_all(b"hello?\n").await.expect("the server reads");
    let refused = json!({"jsonrpc": "2.0", "id": null, "error": {
        "code": -32700, "message": "parse error: this is not JSON",
    }});
    assert_eq!(pipe.next().await, Some(refused.clone()));
    pipe.send(&initialize()).await;
    assert_eq!(pipe.next().await.expect("an answer")["result"]["serverInfo"]["name"], "quilt-mcp");
    pipe.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    pipe.input.write_all(b"{\"jsonrpc\":\n\xff\xfe\n").await.expect("the server reads");
    assert_eq!(pipe.next().await, Some(refused.clone()));
    assert_eq!(pipe.next().await, Some(refused.clone()));
    pipe.send(&call("echo")).await;
    assert_eq!(pipe.next().await.expect("an answer")["result"]["structuredContent"]["who"], "local");
    pipe.input.write_all(b"bye").await.expect("the server reads");
    drop(pipe.input);
    assert_eq!(pipe.output.next_line().await.expect("text"), Some(refused.to_string()));
    assert_eq!(pipe.served.await.expect("no panic").expect("served"), Drained::default());
}

#[tokio::test]
async fn progress_is_written_between() {
    let (backend, _events) = Fake::new();
    let mut pipe = Pipe::opened(&backend, Limits::default()).await;
    let mut message = call("reports");
    message["params"]["_meta"] = json!({"progressToken": 3});
    pipe.send(&message).await;
    for done in [0.0, 1.0, 2.0] {
        let report = pipe.next().await.expect("a report");
        assert_eq!(report["method"], "notifications/progress");
        assert_eq!(
            (&report["params"]["progressToken"], report["params"]["progress"].as_f64()),
            (&json!(3), Some(done))
        );
    }
    assert_eq!(pipe.next().await.expect("an answer")["result"]["isError"], false);
}

#[tokio::test]
async fn a_client_of_2026_needs_no_handshake() {
    let (backend, _events) = Fake::new();
    let mut pipe = Pipe::to(&backend, Limits::default());
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    pipe.send(&rpc("tools/call", &json!({"name": "echo", "arguments": {}, "_meta": meta}))).await;
    let result = pipe.next().await.expect("an answer")["result"].clone();
    assert_eq!(result["structuredContent"]["who"], "local");
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "quilt-mcp");
}

#[tokio::test]
async fn input_that_ends_before_it_began_is_no_error() {
    let (backend, _events) = Fake::new();
    let pipe = Pipe::to(&backend, Limits::default());
    drop(pipe.input);
    assert_eq!(pipe.served.await.expect("no panic").expect("served"), Drained::default());
}
