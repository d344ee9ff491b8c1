//! Searching the indices of the caller's registry, with the caller's own token.

use std::time::{Duration, Instant};

use quilt_scope::service;

use super::registry::RegistryService;
use crate::client::registry::{RegistryClient, SearchFailure};
use crate::domain::bucket::BucketName;
use crate::domain::search::{Found, Indices, Page, Question, SearchOrder, SearchRequest, SearchScope};
use crate::error::{ErrorCode, ToolError};

/// After a refusal of many indices, those of how many buckets are tried instead.
const FEWER: [usize; 5] = [50, 40, 30, 20, 10];

/// Searches what the caller of this request may see.
#[derive(Debug)]
pub struct SearchService<'req> {
    client: &'req RegistryClient<'req>,
    registry: &'req RegistryService<'req>,
}

#[service]
impl<'req> SearchService<'req> {
    /// Asks nobody anything yet.
    pub fn new(client: &'req RegistryClient<'req>, registry: &'req RegistryService<'req>) -> Self {
        Self { client, registry }
    }
}

/// What is to be searched for, and how.
#[derive(Clone, Debug)]
pub struct Search {
    /// What.
    pub question: Question,
    /// In what.
    pub scope: SearchScope,
    /// In one bucket, or in all that the caller may see.
    pub bucket: Option<BucketName>,
    /// What comes first.
    pub order: SearchOrder,
    /// Which of the hits.
    pub page: Page,
    /// Whether hits come with all that the index knows.
    pub with_metadata: bool,
}

/// What was found, and where was looked.
#[derive(Debug)]
pub struct SearchAnswer {
    /// What was found.
    pub found: Found,
    /// The buckets whose indices were searched.
    pub searched: Vec<BucketName>,
    /// How many more the caller may see, which were not searched: the registry takes no more at once.
    pub left_out: usize,
    /// How long the registry took.
    pub took: Duration,
}

impl SearchService<'_> {
    /// Whether this caller has a registry that could be searched.
    pub fn has_registry(&self) -> bool {
        self.client.registry().is_some()
    }

    /// The buckets that a search is about: the one that is named, or all that the caller may see, the most relevant first.
    ///
    /// # Errors
    ///
    /// There is no registry for this caller, or it does not answer.
    pub async fn buckets(&self, bucket: Option<&BucketName>) -> Result<Vec<BucketName>, ToolError> {
        match bucket {
            Some(bucket) => Ok(vec![bucket.clone()]),
            None => Ok(self.registry.buckets().await?.usable.into_iter().map(|bucket| bucket.name).collect()),
        }
    }

    /// Searches.
    ///
    /// # Errors
    ///
    /// `access_denied`: the bucket is not for this caller. There is no registry for this caller, or it does not answer.
    pub async fn search(&self, search: &Search) -> Result<SearchAnswer, ToolError> {
        let begun = Instant::now();
        let buckets = self.buckets(search.bucket.as_ref()).await?;
        if buckets.is_empty() {
            let found = Found { hits: Vec::new(), total: 0, exact: true, unreadable: 0 };
            return Ok(SearchAnswer { found, searched: buckets, left_out: 0, took: begun.elapsed() });
        }
        let all = buckets.len();
        let mut refused_of = None;
        for most in std::iter::once(all).chain(FEWER.into_iter().filter(|fewer| *fewer < all)) {
            let indices = Indices::of(search.scope, &buckets[..most]);
            let fitting = indices.buckets().len();
            // No more of them fit into one request: these were refused already.
            if refused_of == Some(fitting) {
                continue;
            }
            if let Some(found) = self.ask(search, &indices).await? {
                let searched = indices.buckets().to_vec();
                let left_out = all - searched.len();
                return Ok(SearchAnswer { found, searched, left_out, took: begun.elapsed() });
            }
            refused_of = Some(fitting);
        }
        Err(refused(search.bucket.as_ref()))
    }

    /// `None`: the registry refuses these indices.
    async fn ask(&self, search: &Search, indices: &Indices) -> Result<Option<Found>, ToolError> {
        let Search { question, scope, order, page, .. } = search;
        let request = SearchRequest::new(question, *scope, indices.clone(), *order, *page);
        let (names, body, size) = (indices.joined(), request.body.to_string(), page.limit.to_string());
        let parameters =
            [("index", names.as_str()), ("action", "freeform"), ("body", &body), ("size", &size)];
        match self.client.search(&parameters).await {
            Ok(answer) => match Found::read(answer, indices, search.with_metadata) {
                Some(found) => Ok(Some(found)),
                None => Err(ToolError::new(ErrorCode::Unavailable, "the Quilt registry could not search")
                    .with_hint("make the search simpler, or send the call again later")
                    .with_detail("the answer holds no hits")),
            },
            Err(SearchFailure::Refused) => Ok(None),
            Err(SearchFailure::Other(error)) => Err(error),
        }
    }
}

fn refused(bucket: Option<&BucketName>) -> ToolError {
    match bucket {
        Some(bucket) => ToolError::new(
            ErrorCode::AccessDenied,
            format!("the Quilt registry does not let you search in {bucket}"),
        )
        .with_hint("`bucket_list` shows the buckets that you can search in"),
        None => ToolError::new(
            ErrorCode::AccessDenied,
            "the Quilt registry does not let you search in your buckets",
        )
        .with_hint("name one `bucket`, or ask an administrator of the registry"),
    }
}
