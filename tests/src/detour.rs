//! A server in which calls go another way than in the sound one.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use quilt_mcp::dispatch::Call;
use quilt_mcp::error::ToolError;
use quilt_mcp::transport::{Backend, Outcome, OverLimit, PromptListing, ResourceListing};
use quilt_scope::Descriptor;
use serde_json::Value;

/// What a call comes to.
pub type Ended = Result<Value, ToolError>;
type Way = dyn Fn(Arc<dyn Backend>, Call) -> BoxFuture<'static, Ended> + Send + Sync;

struct Detour {
    sound: Arc<dyn Backend>,
    way: Box<Way>,
}

/// The same backend, with `way` in front of each call.
pub fn detour(
    sound: Arc<dyn Backend>,
    way: impl Fn(Arc<dyn Backend>, Call) -> BoxFuture<'static, Ended> + Send + Sync + 'static,
) -> Arc<dyn Backend> {
    Arc::new(Detour { sound, way: Box::new(way) })
}

/// The same backend, for calls that are not what they were.
pub fn changing(
    sound: Arc<dyn Backend>,
    change: impl Fn(&mut Call) + Send + Sync + 'static,
) -> Arc<dyn Backend> {
    detour(sound, move |sound, mut call| {
        change(&mut call);
        async move { sound.call(call).await }.boxed()
    })
}

impl Backend for Detour {
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

    fn call(&self, call: Call) -> BoxFuture<'_, Ended> {
        (self.way)(Arc::clone(&self.sound), call)
    }

    fn answered(&self, tool: &str, outcome: Outcome, took: Duration) {
        self.sound.answered(tool, outcome, took);
    }

    fn lacked_scope(&self) {
        self.sound.lacked_scope();
    }

    fn over_limit(&self, limit: OverLimit) {
        self.sound.over_limit(limit);
    }
}
