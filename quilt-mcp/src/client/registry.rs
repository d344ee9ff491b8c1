//! A Quilt registry, asked in the name of one caller.
//!
//! The caller's own token goes to the registry that the configuration names for the caller's issuer, and nowhere else: no
//! redirect is followed, and no proxy of the environment is used. Every answer is bounded in size and time. What only reads
//! is asked again when the registry fails in passing; what changes something is sent once.

mod answer;
pub mod browsing;
#[cfg(test)]
mod canned;
pub mod catalog;
pub mod credentials;
mod declined;
pub(crate) mod operations;
pub mod passes;
mod retry;
pub mod vouching;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use graphql_client::{GraphQLQuery, Response};
use quilt_scope::service;
use url::form_urlencoded;

use self::answer::{Refusal, judged};
use self::declined::Declined;
use self::operations::Reads;
use self::passes::RegistryPasses;
use super::fetch::{Fetch as _, FetchError, Fetched, Get, HttpFetcher};
use crate::domain::principal::{Grant, Principal};
use crate::domain::registry::{RegistryPass, RegistryUrl};
use crate::domain::request::RequestId;
use crate::error::ToolError;

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// How registries are reached. Holds no token.
#[derive(Debug)]
pub struct RegistryWire {
    http: HttpFetcher,
    within: Duration,
}

impl RegistryWire {
    /// Every question is answered `within` that time or given up, retries included.
    pub fn new(within: Duration) -> Self {
        Self { http: HttpFetcher::new(), within }
    }
}

/// The registry of the caller's issuer, asked with the caller's own token.
pub struct RegistryClient<'req> {
    principal: &'req Principal,
    grant: &'req Grant,
    passes: &'req dyn RegistryPasses,
    wire: &'req RegistryWire,
    request: &'req RequestId,
}

#[service]
impl<'req> RegistryClient<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(
        principal: &'req Principal,
        grant: &'req Grant,
        passes: &'req dyn RegistryPasses,
        wire: &'req RegistryWire,
        request: &'req RequestId,
    ) -> Self {
        Self { principal, grant, passes, wire, request }
    }
}

impl RegistryClient<'_> {
    /// The caller's registry, if there is one.
    pub fn registry(&self) -> Option<RegistryUrl> {
        self.passes.registry(self.grant)
    }

    /// Asks what changes nothing.
    ///
    /// # Errors
    ///
    /// `unsupported` or `credentials_unavailable` before anything is sent, if no registry is configured for this caller, or
    /// there is no token for it; then what the registry refused, or `unavailable`.
    pub(crate) async fn query<Q: GraphQLQuery + Reads>(
        &self,
        variables: Q::Variables,
    ) -> Result<Q::ResponseData, ToolError> {
        let pass = self.pass()?;
        let (url, body) = (pass.registry.at("/graphql"), graphql::<Q>(variables)?);
        let ask = |within| self.wire.http.post(self.get(&url, &pass, within), body.clone());
        data::<Q>(&retry::reading(self.wire.within, ask).await, &pass)
    }

    /// Asks for a change, of which `outcome` says how it went. It is sent once: after a failure it is not known whether it was
    /// made.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query); or the registry declined the change.
    pub(crate) async fn mutate<Q: GraphQLQuery, T>(
        &self,
        variables: Q::Variables,
        outcome: impl FnOnce(Q::ResponseData) -> Result<T, Declined>,
    ) -> Result<T, ToolError> {
        let pass = self.pass()?;
        let (url, body) = (pass.registry.at("/graphql"), graphql::<Q>(variables)?);
        let answer = self.wire.http.post(self.get(&url, &pass, self.wire.within), body).await;
        outcome(data::<Q>(&answer, &pass)?).map_err(|declined| declined.explain(&pass))
    }

    /// Searches: `GET /api/search` with these parameters. The body of the answer, which is JSON.
    ///
    /// # Errors
    ///
    /// [`SearchFailure::Refused`] for 403, which is how a registry says that or that an index is not for this caller;
    /// otherwise what the registry refused, or `unavailable`.
    pub async fn search(&self, parameters: &[(&str, &str)]) -> Result<serde_json::Value, SearchFailure> {
        let pass = self.pass()?;
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let url = pass.registry.at(&format!("/api/search?{query}"));
        let ask = |within| self.wire.http.get(self.get(&url, &pass, within));
        let answer = retry::reading(self.wire.within, ask).await;
        if matches!(&answer, Ok(answer) if answer.status == 403) {
            return Err(SearchFailure::Refused);
        }
        let body = judged(&answer).map_err(|refusal| refusal.explain(&pass))?;
        serde_json::from_slice(body).map_err(|_| SearchFailure::Other(Refusal::Malformed.explain(&pass)))
    }

    fn pass(&self) -> Result<RegistryPass, ToolError> {
        self.passes.pass(self.principal, self.grant)
    }

    fn get<'a>(&self, url: &'a str, pass: &'a RegistryPass, within: Duration) -> Get<'a> {
        Get {
            url,
            bearer: Some(&pass.token),
            cookie: None,
            request: Some(*self.request),
            most_bytes: MAX_ANSWER,
            within,
        }
    }
}

/// The registry's address alone.
impl fmt::Debug for RegistryClient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryClient").field("registry", &self.registry()).finish_non_exhaustive()
    }
}

/// Why a search gave nothing.
#[derive(Debug)]
pub enum SearchFailure {
    /// The registry refuses these indices: there are too many of them, or one is not for this caller. It does not say which.
    Refused,
    /// Anything else.
    Other(ToolError),
}

impl From<ToolError> for SearchFailure {
    fn from(error: ToolError) -> Self {
        Self::Other(error)
    }
}

/// What a registry answers to an operation, if it does.
fn data<Q: GraphQLQuery>(
    answer: &Result<Fetched, FetchError>,
    pass: &RegistryPass,
) -> Result<Q::ResponseData, ToolError> {
    let body = judged(answer).map_err(|refusal| refusal.explain(pass))?;
    let response: Response<Q::ResponseData> =
        serde_json::from_slice(body).map_err(|_| Refusal::Malformed.explain(pass))?;
    match (response.errors, response.data) {
        (Some(errors), _) if !errors.is_empty() => Err(Refusal::Errors(errors).explain(pass)),
        (_, Some(data)) => Ok(data),
        (_, None) => Err(Refusal::Malformed.explain(pass)),
    }
}

fn graphql<Q: GraphQLQuery>(variables: Q::Variables) -> Result<Bytes, ToolError> {
    serde_json::to_vec(&Q::build_query(variables)).map(Bytes::from).map_err(ToolError::internal)
}
