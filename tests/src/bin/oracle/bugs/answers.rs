//! What is kept of answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_tests::detour::detour;
use serde_json::Value;

use super::{Fault, lock};
use crate::wiring::{Behind, Scene};

/// What a tool said to somebody, it says to all who ask the same.
pub(super) struct Kept {
    which: fn(&str) -> bool,
    answers: Arc<Mutex<HashMap<String, Value>>>,
}

impl Kept {
    pub(super) fn of(which: fn(&str) -> bool) -> Self {
        Self { which, answers: Arc::default() }
    }
}

impl Fault for Kept {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let (which, answers) = (self.which, Arc::clone(&self.answers));
        detour(sound, move |sound, call| {
            let answers = Arc::clone(&answers);
            async move {
                if !which(&call.tool) {
                    return sound.call(call).await;
                }
                let key = format!("{} {}", call.tool, Value::Object(call.arguments.clone()));
                let known = lock(&answers).get(&key).cloned();
                if let Some(known) = known {
                    return Ok(known);
                }
                let answer = sound.call(call).await?;
                lock(&answers).insert(key, answer.clone());
                Ok(answer)
            }
            .boxed()
        })
    }
}

/// A cursor stands for a listing that is open, with the rights it was opened with.
#[derive(Default)]
pub(super) struct Cursors(Arc<Mutex<HashMap<String, (Principal, Grant)>>>);

impl Fault for Cursors {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let open = Arc::clone(&self.0);
        detour(sound, move |sound, mut call| {
            let open = Arc::clone(&open);
            async move {
                let cursor =
                    call.arguments.get("continuation_token").and_then(Value::as_str).unwrap_or_default();
                if let Some((principal, grant)) = lock(&open).get(cursor).cloned() {
                    (call.principal, call.grant) = (principal, grant);
                }
                let opener = (call.principal.clone(), call.grant.clone());
                let answer = sound.call(call).await?;
                if let Some(next) = answer["next_continuation_token"].as_str() {
                    lock(&open).insert(next.to_owned(), opener);
                }
                Ok(answer)
            }
            .boxed()
        })
    }
}

/// To help whoever reads it, an error says which role was in use.
#[derive(Default)]
pub(super) struct TalkativeErrors(Arc<Mutex<String>>);

impl Fault for TalkativeErrors {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let last = Arc::clone(&self.0);
        detour(sound, move |sound, call| {
            let last = Arc::clone(&last);
            async move {
                let role = call.grant.role_arn().unwrap_or_default().to_owned();
                let before = std::mem::replace(&mut *lock(&last), role);
                sound.call(call).await.map_err(|error| error.with_hint(format!("the role was {before}")))
            }
            .boxed()
        })
    }
}
