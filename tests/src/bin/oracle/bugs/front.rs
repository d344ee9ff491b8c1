//! What goes wrong around the HTTP service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::response::Parts;
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Fault, lock};
use crate::wiring::{Front, Scene};

/// The longest body that is read, in bytes.
const LONGEST: usize = 16 << 20;

async fn complete(response: Response) -> (Parts, Bytes) {
    let (parts, body) = response.into_parts();
    (parts, axum::body::to_bytes(body, LONGEST).await.unwrap_or_default())
}

/// Waiting callers are filed by the id of their message. Two may have the same.
#[derive(Default)]
pub(super) struct ById(Arc<Waiting>);

#[derive(Default)]
struct Waiting(Mutex<HashMap<String, oneshot::Sender<Response>>>);

impl Fault for ById {
    fn front(&self, sound: Front, _: &Scene) -> Front {
        sound.layer(middleware::from_fn_with_state(Arc::clone(&self.0), by_id))
    }
}

async fn by_id(State(waiting): State<Arc<Waiting>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LONGEST).await.unwrap_or_default();
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = message["id"].to_string();
    let request = Request::from_parts(parts, Body::from(body));
    if message["method"] == "initialize" {
        return next.run(request).await;
    }
    let (answer, answered) = oneshot::channel();
    lock(&waiting.0).insert(id.clone(), answer);
    let response = next.run(request).await;
    match lock(&waiting.0).remove(&id) {
        // Whoever waits under that id gets it.
        Some(waits) => drop(waits.send(response)),
        None => return response,
    }
    answered.await.unwrap_or_else(|_| StatusCode::GONE.into_response())
}

/// Two that are ready at the same time are mixed up.
#[derive(Default)]
pub(super) struct Swapped(Arc<Mutex<Option<Bytes>>>);

impl Fault for Swapped {
    fn front(&self, sound: Front, _: &Scene) -> Front {
        sound.layer(middleware::from_fn_with_state(Arc::clone(&self.0), swapped))
    }
}

async fn swapped(State(ready): State<Arc<Mutex<Option<Bytes>>>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = complete(next.run(request).await).await;
    if parts.status != StatusCode::OK || parts.headers.contains_key("mcp-session-id") {
        return Response::from_parts(parts, Body::from(body));
    }
    *lock(&ready) = Some(body.clone());
    tokio::task::yield_now().await;
    let body = lock(&ready).take().unwrap_or(body);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// The session that was opened last, and its opener's token.
type Opened = Arc<Mutex<Option<(String, String)>>>;

/// A session that is not found is replaced by one that is: with its opener's token.
#[derive(Default)]
pub(super) struct Adopted(Opened);

impl Fault for Adopted {
    fn front(&self, sound: Front, _: &Scene) -> Front {
        sound.layer(middleware::from_fn_with_state(Arc::clone(&self.0), adopted))
    }
}

async fn adopted(State(open): State<Opened>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LONGEST).await.unwrap_or_default();
    let rebuilt = |headers: http::HeaderMap| {
        let mut again = Request::new(Body::from(body.clone()));
        (*again.method_mut(), *again.uri_mut()) = (parts.method.clone(), parts.uri.clone());
        *again.headers_mut() = headers;
        again
    };
    let response = next.clone().run(rebuilt(parts.headers.clone())).await;
    let token = parts.headers.get("authorization").and_then(|token| token.to_str().ok());
    let session = response.headers().get("mcp-session-id").and_then(|id| id.to_str().ok());
    if let (Some(session), Some(token)) = (session, token) {
        *lock(&open) = Some((session.to_owned(), token.to_owned()));
    }
    let adopted = lock(&open).clone().filter(|_| response.status() == StatusCode::NOT_FOUND);
    let Some((session, token)) = adopted else { return response };
    let mut headers = parts.headers.clone();
    headers.insert("mcp-session-id", session.parse().expect("it was a header"));
    headers.insert("authorization", token.parse().expect("it was a header"));
    next.run(rebuilt(headers)).await
}
