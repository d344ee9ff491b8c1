use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream as Client};

use axum::Router;
use axum::routing::get;
use tokio::net::TcpSocket;

use super::*;

/// More than tokio accepts in one go.
const QUEUED: usize = 300;

fn router() -> Router {
    Router::new().route("/", get(|| async { "served" }))
}

fn listening() -> (TcpListener, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let listener = socket.listen(2 * QUEUED as u32).expect("a queue");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

fn asking(address: SocketAddr) -> Client {
    let mut client = Client::connect(address).expect("the kernel accepts");
    client.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").expect("the kernel takes it");
    client
}

fn at_once() -> End {
    let end = End { near: CancellationToken::new(), now: CancellationToken::new() };
    end.near.cancel();
    end.now.cancel();
    end
}

fn assert_answered(mut client: Client) {
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("an answer, and then the end");
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("served"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

/// The kernel accepts connections before we do.
#[tokio::test]
async fn requests_that_were_sent_before_the_end_are_answered() {
    let (listener, address) = listening();
    let sent: Vec<Client> = (0..QUEUED).map(|_| asking(address)).collect();
    let silent = Client::connect(address).expect("the kernel accepts");
    serve(listener, router(), ConnectionLimits::default(), at_once()).await;
    sent.into_iter().for_each(assert_answered);
    drop(silent);
}

/// Who waits for a place is not reset either.
#[tokio::test]
async fn at_the_end_too_there_are_no_more_connections_than_allowed() {
    let (listener, address) = listening();
    let sent: Vec<Client> = (0..QUEUED).map(|_| asking(address)).collect();
    serve(listener, router(), ConnectionLimits { most: 2, ..ConnectionLimits::default() }, at_once()).await;
    sent.into_iter().for_each(assert_answered);
}

/// It asks nothing of tokio's event loop: here that has not run since the connections came.
#[tokio::test]
async fn the_queue_is_what_the_kernel_has() {
    let (listener, address) = listening();
    let clients: Vec<Client> = (0..QUEUED).map(|_| asking(address)).collect();
    let mut queue = closing::queue_of(listener).expect("a listener of the kernel's");
    assert_eq!(std::iter::from_fn(|| queue.next()).count(), clients.len());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_has_begun_is_let_in_and_who_comes_later_is_refused() {
    let (listener, address) = listening();
    let early = asking(address);
    closing::turn_newcomers_away(&listener);
    let late = tokio::task::spawn_blocking(move || Client::connect(address));
    serve(listener, router(), ConnectionLimits::default(), at_once()).await;
    assert_answered(early);
    let refused = late.await.expect("no panic").expect_err("not reset, but refused");
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}

/// A request that crosses the end on its way: the connection was idle when the end came.
#[tokio::test]
async fn a_connection_that_was_kept_is_not_closed_under_a_request() {
    let (listener, address) = listening();
    let end = End { near: CancellationToken::new(), now: CancellationToken::new() };
    let serving = tokio::spawn(serve(listener, router(), ConnectionLimits::default(), end.clone()));
    let mut kept = TcpStream::connect(address).await.expect("it listens");
    let ask = async |kept: &mut TcpStream| {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        kept.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.expect("it reads");
        let mut answer = Vec::new();
        while !answer.ends_with(b"served") {
            assert_ne!(kept.read_buf(&mut answer).await.expect("an answer"), 0, "closed under the request");
        }
        String::from_utf8(answer).expect("text")
    };
    assert!(!ask(&mut kept).await.contains("connection: close"));
    end.near.cancel();
    end.now.cancel();
    assert!(ask(&mut kept).await.contains("connection: close"));
    serving.await.expect("no panic");
}
