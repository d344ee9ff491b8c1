//! The site of Quilt's documentation, over HTTPS. Public, and asked without any identity.
//!
//! Only pages of the one configured site are asked for, whatever its list of pages names, and no redirect is followed: a
//! page that is elsewhere is not read. Nothing that a caller says becomes part of a request.

mod page;
mod sitemap;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::client::fetch::{Fetch, Get};
use crate::domain::docs::{DocsPage, DocsSite};
use crate::error::{ErrorCode, ToolError};

pub use page::PageHead;
pub use sitemap::Listed;

/// How long one document may take.
const WITHIN: Duration = Duration::from_secs(8);
/// The longest list of pages, in bytes.
const LONGEST_SITEMAP: usize = 4 * 1024 * 1024;
/// The longest page.
const LONGEST_PAGE: usize = 2 * 1024 * 1024;
/// How many lists one list may name. Those are not asked for further ones.
const MOST_SITEMAPS: usize = 8;

/// The documentation.
pub struct DocsClient {
    fetch: Arc<dyn Fetch>,
    site: DocsSite,
}

impl DocsClient {
    /// Of `site`. Asks nobody anything yet.
    pub fn new(fetch: Arc<dyn Fetch>, site: DocsSite) -> Self {
        Self { fetch, site }
    }

    /// Which site.
    pub fn site(&self) -> &DocsSite {
        &self.site
    }

    /// The pages of the site, as it lists them. What is of another host is left out.
    ///
    /// # Errors
    ///
    /// `unavailable`: the site does not answer in time, or not with a list.
    pub async fn pages(&self) -> Result<Vec<Listed>, ToolError> {
        let first = self.sitemap(&self.site.sitemap()).await?;
        let mut pages = first.pages(&self.site);
        let nested: Vec<DocsPage> = first.sitemaps(&self.site).take(MOST_SITEMAPS).collect();
        // All at once: one that is slow holds up no other.
        for part in join_all(nested.iter().map(|part| self.sitemap(part.url()))).await {
            // A part that is missing is no reason to find nothing.
            match part {
                Ok(more) => pages.extend(more.pages(&self.site)),
                Err(error) => {
                    tracing::debug!(%error, detail = error.detail(), "a part of the documentation's list");
                }
            }
        }
        pages.sort_unstable_by(|a, b| a.page.cmp(&b.page));
        pages.dedup_by(|a, b| a.page == b.page);
        Ok(pages)
    }

    /// Title and description of a page. `None`: it cannot be read now.
    pub async fn head(&self, page: &DocsPage) -> Option<PageHead> {
        let body = self.get(page.url(), LONGEST_PAGE).await.ok()?;
        Some(PageHead::read(&body))
    }

    async fn sitemap(&self, url: &str) -> Result<sitemap::Sitemap, ToolError> {
        let body = self.get(url, LONGEST_SITEMAP).await?;
        sitemap::Sitemap::read(&body)
            .ok_or_else(|| self.unavailable("what it lists its pages with is no sitemap"))
    }

    async fn get(&self, url: &str, most_bytes: usize) -> Result<String, ToolError> {
        let get = Get { url, bearer: None, cookie: None, request: None, most_bytes, within: WITHIN };
        let fetched = self.fetch.get(get).await.map_err(|error| self.unavailable(error))?;
        match fetched.status {
            200 => Ok(String::from_utf8_lossy(&fetched.body).into_owned()),
            status => Err(self.unavailable(format_args!("it answers {url} with the status {status}"))),
        }
    }

    fn unavailable(&self, detail: impl fmt::Display) -> ToolError {
        ToolError::new(
            ErrorCode::Unavailable,
            format!("the documentation at {} cannot be read now", self.site),
        )
        .with_hint("try again later, or open it in a browser")
        .with_detail(detail)
    }
}

impl fmt::Debug for DocsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocsClient").field("site", &self.site).finish_non_exhaustive()
    }
}
