//! What operators are told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use quilt_tests::detour::{changing, detour};

use super::{Fault, lock};
use crate::wiring::{Behind, Scene};

/// The name is that of the caller before.
#[derive(Default)]
pub(super) struct LogsTheLast(Arc<Mutex<String>>);

impl Fault for LogsTheLast {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let last = Arc::clone(&self.0);
        changing(sound, move |call| {
            let mut last = lock(&last);
            let user = std::mem::replace(&mut *last, call.principal.log_hash());
            if !user.is_empty() {
                tracing::info!(target: "quilt_mcp", user, "calls");
            }
        })
    }
}

/// An answer is logged as it is.
pub(super) struct LogsAnswers;

impl Fault for LogsAnswers {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        detour(sound, |sound, call| {
            async move {
                let answer = sound.call(call).await?;
                tracing::info!(target: "quilt_mcp", answer = %answer, "answers");
                Ok(answer)
            }
            .boxed()
        })
    }
}

/// Calls are counted by who makes them.
#[derive(Default)]
pub(super) struct CountsUsers(Arc<Mutex<BTreeMap<String, u64>>>);

impl Fault for CountsUsers {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let counts = Arc::clone(&self.0);
        changing(sound, move |call| {
            let mut counts = lock(&counts);
            *counts.entry(call.principal.log_hash()).or_default() += 1;
        })
    }

    fn metrics(&self, mut sound: String) -> String {
        for (user, count) in &*lock(&self.0) {
            let _ = writeln!(sound, "quilt_mcp_calls_by_user_total{{user=\"{user}\"}} {count}");
        }
        sound
    }
}
