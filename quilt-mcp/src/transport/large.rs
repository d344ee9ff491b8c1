//! Large answers are made into messages where that keeps nobody waiting.
//!
//! What a tool returned is written as JSON twice over, structured and as text. Of a megabyte this takes milliseconds, in which
//! a thread that serves requests would serve nobody.

use serde_json::Value;
use tokio::sync::oneshot;

use super::Server;
use super::calls::Answer;
use crate::domain::principal::Principal;
use crate::error::ToolError;

/// In bytes of JSON, more or less: what is written in a tenth of a millisecond.
const LARGE: usize = 64 * 1024;

/// What a number costs, or a comma and what it parts.
const SMALL: usize = 8;

impl Server {
    /// What `write` makes of `answer`: here and now, or if it is large, where the backend computes.
    pub(super) async fn written<T: Send + 'static>(
        &self,
        principal: &Principal,
        answer: Answer,
        write: impl FnOnce(Answer) -> T + Send + 'static,
    ) -> Result<T, ToolError> {
        if !answer.result.as_ref().is_ok_and(is_large) {
            return Ok(write(answer));
        }
        let (tell, told) = oneshot::channel();
        // Nobody waits for it any more if the client went away.
        let work = Box::new(move || drop(tell.send(write(answer))));
        self.calls.backend().compute(principal, work).await;
        told.await.map_err(|_| {
            tracing::error!("an answer was given up while it was written");
            ToolError::internal("an answer was not written")
        })
    }
}

/// Looks no further than it has to.
fn is_large(value: &Value) -> bool {
    rest(LARGE, value).is_none()
}

/// How much room is left beside `value`, if it fits.
fn rest(room: usize, value: &Value) -> Option<usize> {
    let room = room.checked_sub(SMALL)?;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(room),
        Value::String(text) => room.checked_sub(text.len()),
        Value::Array(items) => items.iter().try_fold(room, rest),
        Value::Object(members) => {
            members.iter().try_fold(room, |room, (name, value)| rest(room.checked_sub(name.len())?, value))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_names_and_many_small_things_are_large() {
        let long = "a".repeat(LARGE);
        assert!(is_large(&json!({"text": long})));
        assert!(is_large(&json!({long: null})));
        assert!(is_large(&json!(vec![[0, 0]; 4000])));
        assert!(!is_large(&json!({"text": "a".repeat(LARGE / 2), "list": vec![0; 2000]})));
        assert!(!is_large(&json!({})));
    }
}
