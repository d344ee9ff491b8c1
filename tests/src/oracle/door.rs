//! How requests get to the server: into its HTTP service, or over a socket.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;

use crate::Result;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 16 << 20;

/// The way into a server.
pub enum Door {
    /// Its HTTP service is called, in this process and without a socket.
    Service(Router),
    /// Over a socket, at this origin.
    Socket(reqwest::Client, String),
}

/// What came back, complete.
pub struct Response {
    /// HTTP's.
    pub status: StatusCode,
    /// HTTP's.
    pub headers: HeaderMap,
    /// All of it.
    pub body: Vec<u8>,
}

impl Door {
    /// Sends one request, whose URI is a path. Dropping the future is going away.
    ///
    /// # Errors
    /// If there is no answer, or it breaks off.
    pub async fn send(&self, request: Request<String>) -> Result<Response> {
        match self {
            Self::Service(router) => {
                let response = router.clone().oneshot(request.map(Body::from)).await?;
                let (parts, body) = response.into_parts();
                let body = axum::body::to_bytes(body, LONGEST).await?.to_vec();
                Ok(Response { status: parts.status, headers: parts.headers, body })
            }
            Self::Socket(client, origin) => {
                let (mut parts, body) = request.into_parts();
                parts.headers.remove(http::header::HOST);
                parts.uri = format!("{origin}{}", parts.uri).parse()?;
                let response = client.execute(Request::from_parts(parts, body).try_into()?).await?;
                let (status, headers) = (response.status(), response.headers().clone());
                let body =
                    axum::body::to_bytes(Body::new(reqwest::Body::from(response)), LONGEST).await?.to_vec();
                Ok(Response { status, headers, body })
            }
        }
    }
}
