//! A server in which calls go another way than in the sound one, or their grants do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use quilt_mcp::client::{CallerCredentials, CredentialSource};
use quilt_mcp::dispatch::Call;
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::request::RequestId;
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

/// Credentials of the first grant that is seen under a key, whoever asks for them: of whatever kind it is.
pub fn of_the_first_grant(
    sound: Box<dyn CredentialSource>,
    key: fn(&Principal) -> String,
) -> Box<dyn CredentialSource> {
    Box::new(FirstGrants { sound, key, kept: Mutex::default() })
}

struct FirstGrants {
    sound: Box<dyn CredentialSource>,
    key: fn(&Principal) -> String,
    kept: Mutex<HashMap<String, Grant>>,
}

impl CredentialSource for FirstGrants {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            let used = {
                let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.entry((self.key)(principal)).or_insert_with(|| grant.clone()).clone()
            };
            self.sound.credentials(principal, &used, request).await
        })
    }
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

    fn compute<'a>(&'a self, principal: &'a Principal, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'a, ()> {
        self.sound.compute(principal, work)
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
