//! What a client may take before it has shown a token, over real connections.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::transport::fake::{Fake, Names, call, server, soon};
use crate::transport::http::{ConnectionLimits, HttpOptions, serve};
use crate::transport::{Authenticate, Limits, drain::Drained};

pub(super) struct Running {
    address: std::net::SocketAddr,
    shutdown: CancellationToken,
    served: tokio::task::JoinHandle<std::io::Result<Drained>>,
}

async fn start(connections: ConnectionLimits) -> Running {
    let options = HttpOptions { connections, ..HttpOptions::default() };
    start_with(&Fake::new().0, options, Arc::new(Names)).await
}

pub(super) async fn start_with(
    backend: &Arc<Fake>,
    options: HttpOptions,
    authenticate: Arc<dyn Authenticate>,
) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let shutdown = CancellationToken::new();
    let (stop, server) = (shutdown.clone(), server(backend, Limits::default()));
    let served = tokio::spawn(async move { serve(&server, listener, &options, authenticate, stop).await });
    Running { address, shutdown, served }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// What is answered to these bytes, until the connection ends.
    pub(super) async fn answer(&self, bytes: &str) -> String {
        let mut stream = self.connect().await;
        // The server may close before it has read all of it.
        let _ = stream.write_all(bytes.as_bytes()).await;
        rest(&mut stream).await
    }

    pub(super) async fn stop(self) {
        self.shutdown.cancel();
        soon(self.served).await.expect("no panic").expect("drained");
    }
}

/// What the server sends until it closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A reset says that it is closed as well as an end does.
    let _ = soon(stream.read_to_end(&mut all)).await;
    String::from_utf8_lossy(&all).into_owned()
}

fn request(extra: &str) -> String {
    let body = call("echo").to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer alice\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n{extra}\r\n{body}",
        body.len()
    )
}

fn quick() -> ConnectionLimits {
    ConnectionLimits { head_within: Duration::from_millis(300), ..ConnectionLimits::default() }
}

#[tokio::test]
async fn who_does_not_say_what_they_want_is_not_waited_for() {
    let running = start(quick()).await;
    for beginning in ["", "P", "PRI * HT", "POST /mcp HTTP/1.1\r\n", "POST /mcp HTTP/1.1\r\nhost: localh"] {
        let mut stream = running.connect().await;
        stream.write_all(beginning.as_bytes()).await.expect("sent");
        let told = rest(&mut stream).await;
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 408"), "{beginning:?}: {told}");
    }
    // One that drips a byte at a time is not better off.
    let mut slow = running.connect().await;
    let dripping = async {
        for byte in request("").bytes() {
            if slow.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the whole request was taken");
    };
    soon(dripping).await;
    running.stop().await;
}

#[tokio::test]
async fn a_long_head_is_refused() {
    let running = start(ConnectionLimits { head_bytes: 16 * 1024, ..quick() }).await;
    for extra in [format!("x-long: {}\r\n", "x".repeat(20 * 1024)), "x: y\r\n".repeat(200)] {
        let mut stream = running.connect().await;
        // The server may close before it has read all of it.
        let _ = stream.write_all(request(&extra).as_bytes()).await;
        let told = rest(&mut stream).await;
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 431"), "{told}");
    }
    let mut stream = running.connect().await;
    stream
        .write_all(request(&format!("x-long: {}\r\n", "x".repeat(8 * 1024))).as_bytes())
        .await
        .expect("sent");
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
    running.stop().await;
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_one_to_be_closed() {
    let running = start(ConnectionLimits { most: 2, head_within: Duration::from_secs(60), ..quick() }).await;
    let (idle, other) = (running.connect().await, running.connect().await);
    let mut third = running.connect().await;
    third.write_all(request("").as_bytes()).await.expect("sent");
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(200), third.read(&mut byte)).await;
    assert!(early.is_err(), "a third connection is served while two are open");
    drop(idle);
    assert!(rest(&mut third).await.starts_with("HTTP/1.1 200"));
    drop(other);
    running.stop().await;
}

#[tokio::test]
async fn deep_json_is_refused_and_ends() {
    let running = start(quick()).await;
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer alice\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = running.connect().await;
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("sent");
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 400"));
    running.stop().await;
}
