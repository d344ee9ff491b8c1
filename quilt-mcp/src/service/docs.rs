//! Quilt's documentation, searched by the addresses of its pages. The same for all callers.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::timeout;

use crate::client::docs::{DocsClient, Listed, PageHead};
use crate::domain::docs::{DocsSite, Fit, docs_words};
use crate::error::{ErrorCode, ToolError};

/// How many of the best pages are read for their titles.
const READ: usize = 5;
/// How long reading them may take altogether. What is not read by then has no title.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// The documentation; nothing, if the operator wants none asked for.
#[derive(Debug)]
pub struct Docs(Option<DocsClient>);

/// A page that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPage {
    /// Which page.
    pub listed: Listed,
    /// How well it fits.
    pub fit: Fit,
    /// What it says of itself, if it was read.
    pub head: PageHead,
}

impl Docs {
    /// Over `client`, if there is one.
    pub fn new(client: Option<DocsClient>) -> Self {
        Self(client)
    }

    /// Which site, if there is one.
    pub fn site(&self) -> Option<&DocsSite> {
        self.0.as_ref().map(DocsClient::site)
    }

    /// How many pages fit `query`, and the best of them, at most `limit`.
    ///
    /// # Errors
    ///
    /// `invalid_input`: there is no word in it. `unsupported`: the operator wants no site asked. `unavailable`: the site
    /// does not answer.
    pub async fn search(
        &self,
        query: &str,
        limit: usize,
        with_versions: bool,
    ) -> Result<(usize, Vec<FoundPage>), ToolError> {
        let words = docs_words(query);
        if words.is_empty() {
            return Err(ToolError::invalid_input("`query` holds no word to look for"));
        }
        let client = self.0.as_ref().ok_or_else(|| {
            ToolError::new(ErrorCode::Unsupported, "this server does not search the documentation")
                .with_hint("its operator can set QUILT_MCP_DOCS_URL")
        })?;
        let mut found: Vec<FoundPage> = client
            .pages()
            .await?
            .into_iter()
            .filter(|listed| with_versions || !listed.page.is_versioned())
            .filter_map(|listed| {
                let fit = listed.page.fit(&words)?;
                Some(FoundPage { listed, fit, head: PageHead::default() })
            })
            .collect();
        let total = found.len();
        // Of two that fit equally well, the shorter address is the more general page.
        found.sort_by(|a, b| {
            let shorter = a.listed.page.url().len().cmp(&b.listed.page.url().len());
            b.fit.score.cmp(&a.fit.score).then(shorter)
        });
        found.truncate(limit);
        Self::read_heads(client, &mut found).await;
        Ok((total, found))
    }

    async fn read_heads(client: &DocsClient, found: &mut [FoundPage]) {
        let reads = stream::iter(found.iter_mut().take(READ)).for_each_concurrent(READ, |page| async move {
            page.head = client.head(&page.listed.page).await.unwrap_or_default();
        });
        // Late titles are left out: the list itself is what was asked for.
        let _ = timeout(READ_WITHIN, reads).await;
    }
}
