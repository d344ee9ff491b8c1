//! Progress that goes to whoever asked last.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use quilt_mcp::dispatch::Call;
use quilt_mcp::domain::request::Progress;
use quilt_mcp::error::ToolError;
use quilt_mcp::transport::{Backend, Outcome, PromptListing, ResourceListing};
use quilt_scope::Descriptor;
use serde_json::Value;

/// There is one listener for all calls: the newest.
struct ToTheLast {
    sound: Arc<dyn Backend>,
    last: Arc<Mutex<Progress>>,
}

pub(crate) fn to_the_last(sound: Arc<dyn Backend>) -> Arc<dyn Backend> {
    Arc::new(ToTheLast { sound, last: Arc::new(Mutex::new(Progress::none())) })
}

impl Backend for ToTheLast {
    fn tools(&self) -> Vec<Descriptor> {
        self.sound.tools()
    }

    fn resources(&self) -> Vec<ResourceListing> {
        self.sound.resources()
    }

    fn prompts(&self) -> Vec<PromptListing> {
        self.sound.prompts()
    }

    fn completer(&self) -> Option<&str> {
        self.sound.completer()
    }

    fn call(&self, mut call: Call) -> BoxFuture<'_, Result<Value, ToolError>> {
        let own = std::mem::replace(&mut call.progress, Progress::none());
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = own;
        let last = Arc::clone(&self.last);
        call.progress = Progress::to(move |report| {
            let last = last.lock().unwrap_or_else(PoisonError::into_inner).clone();
            last.report(report.done, report.total, || report.message);
        });
        async move { self.sound.call(call).await }.boxed()
    }

    fn answered(&self, tool: &str, outcome: Outcome, took: Duration) {
        self.sound.answered(tool, outcome, took);
    }

    fn lacked_scope(&self) {
        self.sound.lacked_scope();
    }
}
