//! One HTTP/1.1 request over a connection of its own.

use std::io;

use axum::body::Body;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Sends `request`, whose URI is absolute, and returns the answer with its body still to be read.
///
/// # Errors
/// If the host cannot be reached or does not speak HTTP/1.1.
pub(super) async fn send(mut request: http::Request<Body>) -> io::Result<http::Response<Incoming>> {
    let authority = request
        .uri()
        .authority()
        .map(ToString::to_string)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the URL names no host"))?;
    let stream = TcpStream::connect(&authority).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);

    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let host = http::HeaderValue::from_str(&authority).map_err(io::Error::other)?;
    request.headers_mut().insert(http::header::HOST, host);
    *request.uri_mut() = path.parse().map_err(io::Error::other)?;
    sender.send_request(request).await.map_err(io::Error::other)
}
