//! How long the stream of an answer lasts.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use futures_util::StreamExt;

use crate::domain::principal::Grant;
use crate::transport::calls::Place;

/// An event stream is running until its last event is sent, or nobody reads it any more: a drain waits for it. Any other
/// answer is whole already.
pub(super) fn until_sent(response: Response, place: Place) -> Response {
    if response.body().size_hint().exact().is_some() {
        return response;
    }
    response.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |event| {
            let _running = &place;
            event
        }))
    })
}

/// A stream that a client listens to must not outlive the token it was opened with.
pub(super) fn until_token_ends(response: Response, grant: &Grant) -> Response {
    let Grant::AssumeRole(role) = grant else { return response };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let left = Duration::from_secs(role.token_expires_at).saturating_sub(now);
    response.map(|body| {
        let ended = Box::pin(tokio::time::sleep(left));
        Body::from_stream(body.into_data_stream().take_until(ended))
    })
}
