//! The layers behind the transport, as the transport sees them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use quilt_scope::Descriptor;
use serde_json::Value;

use super::counted;
use crate::app::App;
use crate::client::fetch::{Fetch, HttpFetcher};
use crate::config::Deployment;
use crate::dispatch::{Call, Dispatch};
use crate::domain::principal::Principal;
use crate::error::ToolError;
use crate::identity::{AuthError, Identity, PublishedKeys, Questions};
use crate::service::completion::Wanted;
use crate::service::threads::TenantThreads;
use crate::tools::{self, prompts::PROMPTS, resources::RESOURCES};
use crate::transport::admin::Vitals;
use crate::transport::{
    Authenticate, Backend, Outcome, OverLimit, PromptArgumentListing, PromptListing, ResourceListing,
};

/// What the transport sees of the layers behind it.
#[derive(Debug)]
pub struct Layers {
    dispatch: Dispatch,
    identity: Arc<Identity>,
}

impl Layers {
    /// Every tool, over what all callers share, for those whom `deployment` lets in. Call it within a runtime: the keys
    /// of issuers are fetched from now on.
    pub fn over(app: App, deployment: Deployment) -> Self {
        let fetch: Arc<dyn Fetch> = Arc::new(HttpFetcher::new());
        Self { dispatch: Dispatch::new(app), identity: Arc::new(Identity::new(deployment, &fetch)) }
    }

    /// What all callers share.
    pub fn app(&self) -> &App {
        self.dispatch.app()
    }

    /// Decides who asks, and counts whom it refuses.
    pub fn doorkeeper(&self) -> Arc<dyn Authenticate> {
        let (identity, metrics) = (Arc::clone(&self.identity), Arc::clone(&self.app().metrics));
        Arc::new(counted::Doorkeeper { identity, metrics })
    }
}

impl Backend for Layers {
    fn tools(&self) -> Vec<Descriptor> {
        self.dispatch.tools().descriptors().cloned().collect()
    }

    fn resources(&self) -> Vec<ResourceListing> {
        let listing = |resource: &tools::resources::Resource| ResourceListing {
            uri: resource.uri.to_owned(),
            name: resource.name.to_owned(),
            description: resource.description.to_owned(),
            tool: resource.tool.to_owned(),
            uri_argument: resource.uri_argument.map(ToOwned::to_owned),
            fixed: resource.fixed.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            completed: completed(resource.completed.iter().map(|(name, wanted)| (*name, Some(*wanted)))),
        };
        RESOURCES.iter().map(listing).collect()
    }

    fn prompts(&self) -> Vec<PromptListing> {
        let argument = |argument: &tools::prompts::Argument| PromptArgumentListing {
            name: argument.name.to_owned(),
            description: argument.description.to_owned(),
            required: argument.required,
        };
        let listing = |prompt: &tools::prompts::Prompt| PromptListing {
            name: prompt.name.to_owned(),
            title: prompt.title.to_owned(),
            description: prompt.description.to_owned(),
            arguments: prompt.arguments.iter().map(argument).collect(),
            completed: completed(prompt.arguments.iter().map(|of| (of.name, of.completed))),
            text: prompt.text,
        };
        PROMPTS.iter().map(listing).collect()
    }

    fn completer(&self) -> Option<&str> {
        Some(tools::COMPLETER)
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Value, ToolError>> {
        self.dispatch.serve(call).boxed()
    }

    fn compute<'a>(&'a self, principal: &'a Principal, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'a, ()> {
        async move {
            let threads = TenantThreads::new(principal, &self.app().threads);
            // If it panics, whoever waits for what it makes sees that nothing comes.
            let _ = threads
                .run(|| {
                    work();
                    Ok(())
                })
                .await;
        }
        .boxed()
    }

    fn answered(&self, tool: &str, outcome: Outcome, took: Duration) {
        counted::answer(&self.app().metrics, tool, outcome, took);
    }

    fn lacked_scope(&self) {
        self.app().metrics.auth_failed(AuthError::InsufficientScope);
    }

    fn refused_session(&self, is_foreign: bool) {
        self.app().metrics.session_refused(is_foreign);
    }

    fn over_limit(&self, limit: OverLimit) {
        counted::over_limit(&self.app().metrics, limit);
    }
}

fn completed<'a>(of: impl Iterator<Item = (&'a str, Option<Wanted>)>) -> BTreeMap<String, String> {
    of.filter_map(|(name, wanted)| Some((name.to_owned(), wanted?.as_str().to_owned()))).collect()
}

impl Vitals for Layers {
    fn ready(&self) -> BoxFuture<'_, Result<Vec<String>, String>> {
        async {
            self.app().workflows.health().await.map_err(|error| error.to_string())?;
            let mut told: Vec<String> = self.identity.published_keys().iter().map(said_of).collect();
            told.extend(self.identity.questions().iter().map(said_of_questions));
            if self.identity.can_check_tokens() { Ok(told) } else { Err(without_keys(&told)) }
        }
        .boxed()
    }

    fn metrics(&self) -> String {
        let App { metrics, threads, .. } = self.app();
        metrics.compute.look(threads.waiting(), threads.busy());
        metrics.issuers.look(&self.identity.published_keys());
        metrics.issuers.look_at_questions(&self.identity.questions());
        metrics.encode()
    }
}

fn said_of(keys: &PublishedKeys<'_>) -> String {
    let PublishedKeys { issuer, usable, age, failing, .. } = keys;
    format!("issuer {issuer}: {usable} usable keys, {} s old, {failing} failed fetches since", age.as_secs())
}

/// A registry that fails is no reason to send everybody elsewhere, where the same registry is asked.
fn said_of_questions(questions: &Questions<'_>) -> String {
    let Questions { issuer, known, unknown, failing, .. } = questions;
    format!(
        "issuer {issuer}: its registry has said of {} tokens whether it knows them; {failing} questions since then had no \
         answer",
        known + unknown
    )
}

fn without_keys(issuers: &[String]) -> String {
    let told = issuers.join("\n");
    format!("no issuer has a key that can be used, so no token can be checked\n{told}")
}
