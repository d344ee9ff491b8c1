//! Stopping, over real connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::transport::drain::{Drained, TIDYING};
use crate::transport::fake::{Event, Fake, Names, call, initialize, server};
use crate::transport::http::{self, HttpOptions, SessionLimits};
use crate::transport::{Limits, Server};

struct Running {
    address: SocketAddr,
    shutdown: CancellationToken,
    served: JoinHandle<io::Result<Drained>>,
}

async fn start(server: Server, options: HttpOptions) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, shutdown) = (listener.local_addr().expect("bound"), CancellationToken::new());
    let stop = shutdown.clone();
    let served =
        tokio::spawn(async move { http::serve(&server, listener, &options, Arc::new(Names), stop).await });
    Running { address, shutdown, served }
}

/// Sends a tool call and gives the connection to read the answer from.
async fn calling(address: SocketAddr, tool: &str) -> TcpStream {
    let body = call(tool).to_string();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut connection = TcpStream::connect(address).await.expect("the server listens");
    connection.write_all(format!("{head}{body}").as_bytes()).await.expect("the server reads");
    connection
}

async fn rest_of(mut connection: TcpStream) -> String {
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("text");
    answer
}

#[tokio::test]
async fn a_running_call_is_waited_for_and_no_new_one_taken() {
    let (backend, mut events) = Fake::new();
    let running = start(server(&backend, Limits::default()), HttpOptions::default()).await;
    let connection = calling(running.address, "waits").await;
    assert_eq!(events.recv().await, Some(Event::Started));

    running.shutdown.cancel();
    // The listener is closed by the server's task, which has not ended as long as the call runs.
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!running.served.is_finished());

    backend.release.add_permits(1);
    let answer = rest_of(connection).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains(r#""waited":true"#), "{answer}");
    assert_eq!(running.served.await.expect("no panic").expect("served"), Drained::default());
}

/// A request of `alice`'s, sent on a connection of its own, and the beginning of the answer up to `until`.
async fn asking(address: SocketAddr, request: &str, until: &str) -> (TcpStream, String) {
    let mut connection = TcpStream::connect(address).await.expect("the server listens");
    connection.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains(until) {
        assert_ne!(connection.read_buf(&mut answer).await.expect("an answer"), 0, "{answer:?}");
    }
    (connection, String::from_utf8(answer).expect("text"))
}

#[tokio::test]
async fn with_nothing_running_it_ends_at_once_whoever_is_connected() {
    let (backend, _events) = Fake::new();
    let options = HttpOptions { sessions: Some(SessionLimits::default()), ..HttpOptions::default() };
    let at_once = Limits { drain_grace: Duration::ZERO, ..Limits::default() };
    let running = start(server(&backend, at_once), options).await;
    let address = running.address;
    let silent = TcpStream::connect(address).await.expect("the server listens");
    let hello = initialize().to_string();
    let head = "Host: localhost\r\nAuthorization: Bearer alice\r\nContent-Type: application/json";
    let opening = format!("POST /mcp HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{hello}", hello.len());
    let (idle, opened) = asking(address, &opening, "serverInfo").await;
    let session = opened.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).expect("a session");
    let listening = format!(
        "GET /mcp HTTP/1.1\r\n{head}\r\nAccept: text/event-stream\r\nMcp-Session-Id: {session}\r\n\r\n"
    );
    let (listener, _) = asking(address, &listening, "text/event-stream").await;

    let asked = Instant::now();
    running.shutdown.cancel();
    assert_eq!(running.served.await.expect("no panic").expect("served"), Drained::default());
    let took = asked.elapsed();
    assert!(took < TIDYING / 2, "{took:?}, with a silent, an idle and a listening client");
    drop((silent, idle, listener));
}

#[tokio::test]
async fn near_the_end_clients_are_told_to_connect_anew() {
    let (backend, _events) = Fake::new();
    let later = Limits { drain_grace: Duration::from_secs(3_600), ..Limits::default() };
    let running = start(server(&backend, later), HttpOptions::default()).await;
    running.shutdown.cancel();
    // It reads to the end of the connection, which comes with the answer and not with the server's.
    let answer = rest_of(calling(running.address, "echo").await).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\r\nconnection: close\r\n"),
        "{answer}"
    );
    assert!(!running.served.is_finished());
}

#[tokio::test]
async fn past_the_drain_deadline_a_call_is_stopped_and_answered() {
    let (backend, mut events) = Fake::new();
    let limits = Limits { drain_deadline: Duration::from_millis(30), ..Limits::default() };
    let running = start(server(&backend, limits), HttpOptions::default()).await;
    let connection = calling(running.address, "waits").await;
    assert_eq!(events.recv().await, Some(Event::Started));
    running.shutdown.cancel();
    let answer = rest_of(connection).await;
    assert!(answer.contains(r#"\"code\":\"cancelled\""#), "{answer}");
    let drained = running.served.await.expect("no panic").expect("served");
    assert_eq!(drained, Drained { stopped: 1, abandoned: 0 });
}

#[tokio::test]
async fn a_connection_that_closes_stops_its_call() {
    let (backend, mut events) = Fake::new();
    let running = start(server(&backend, Limits::default()), HttpOptions::default()).await;
    drop({
        let connection = calling(running.address, "waits").await;
        assert_eq!(events.recv().await, Some(Event::Started));
        connection
    });
    assert!(matches!(events.recv().await, Some(Event::Answered(..))));
    assert_eq!(events.recv().await, Some(Event::Cancelled));
    running.shutdown.cancel();
    assert_eq!(running.served.await.expect("no panic").expect("served"), Drained::default());
}

/// With Nagle's algorithm an event stream waits for a delayed ACK, 40 ms on every call.
#[tokio::test]
async fn an_event_stream_is_not_held_back() {
    let (backend, _events) = Fake::new();
    let running = start(server(&backend, Limits::default()), HttpOptions::default()).await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"reports","_meta":{"progressToken":1}}}"#;
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(running.address).await.expect("the server listens");
    let mut took = Vec::new();
    for _ in 0..21 {
        let started = Instant::now();
        connection.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n0\r\n\r\n") {
            assert_ne!(connection.read_buf(&mut answer).await.expect("an answer"), 0);
        }
        took.push(started.elapsed());
    }
    // At first a connection is acknowledged at once, so the first ten say nothing. Of the others the fastest counts: all would
    // wait for the acknowledgement, and a busy machine does not slow every one.
    let fastest = took[10..].iter().min();
    assert!(fastest < Some(&Duration::from_millis(30)), "{took:?}");
}

#[tokio::test]
async fn what_is_configured_wrongly_is_refused_before_anything_is_served() {
    let (backend, _) = Fake::new();
    let options = HttpOptions { allowed_origins: vec!["app.example.com".into()], ..HttpOptions::default() };
    let error = start(server(&backend, Limits::default()), options).await.served.await.expect("no panic");
    assert_eq!(error.expect_err("refused").kind(), io::ErrorKind::InvalidInput);
}
