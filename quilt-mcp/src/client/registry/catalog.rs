//! What catalogs publish of their stacks. It belongs to no caller, so it is asked without a token and kept for all.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::client::fetch::{Fetch as _, Get, HttpFetcher};
use crate::domain::catalog::{CatalogConfig, CatalogUrl};
use crate::error::{ErrorCode, ToolError};

/// The longest `config.json` that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// How long an answer counts.
const GOOD_FOR: Duration = Duration::from_secs(300);
/// How long a failure counts: a catalog that is down is not asked by each caller anew.
const BAD_FOR: Duration = Duration::from_secs(10);

/// The `config.json` of the catalog that was asked last.
pub struct CatalogConfigs {
    http: HttpFetcher,
    within: Duration,
    known: Mutex<Option<Known>>,
}

struct Known {
    of: CatalogUrl,
    since: Instant,
    found: Result<Arc<CatalogConfig>, String>,
}

impl CatalogConfigs {
    /// Asks nobody yet. A catalog that does not answer `within` that time counts as down.
    pub fn new(within: Duration) -> Self {
        Self { http: HttpFetcher::new(), within, known: Mutex::new(None) }
    }

    /// What the catalog at `url` publishes. However many ask at once, it is fetched once.
    ///
    /// # Errors
    ///
    /// `unavailable`: it does not answer, or not with a `config.json`.
    pub async fn of(&self, url: &CatalogUrl) -> Result<Arc<CatalogConfig>, ToolError> {
        // Held while fetching, so that the others wait for this answer.
        let mut known = self.known.lock().await;
        let found = match known.as_ref().filter(|known| known.counts_for(url)) {
            Some(known) => known.found.clone(),
            None => {
                let found = self.fetch(url).await;
                *known = Some(Known { of: url.clone(), since: Instant::now(), found: found.clone() });
                found
            }
        };
        found.map_err(|why| {
            ToolError::new(
                ErrorCode::Unavailable,
                format!("the catalog {url} does not say what its stack is"),
            )
            .with_hint("send the call again later; if it goes on, tell the operator of this server")
            .with_detail(why)
        })
    }

    async fn fetch(&self, url: &CatalogUrl) -> Result<Arc<CatalogConfig>, String> {
        let url = format!("{url}/config.json");
        let get = Get {
            url: &url,
            bearer: None,
            cookie: None,
            request: None,
            most_bytes: MAX_BYTES,
            within: self.within,
        };
        let answer = self.http.get(get).await.map_err(|error| error.to_string())?;
        match answer.status {
            200 => CatalogConfig::read(&answer.body).map(Arc::new).map_err(|why| why.to_string()),
            status => Err(format!("status {status}")),
        }
    }
}

impl Known {
    fn counts_for(&self, url: &CatalogUrl) -> bool {
        let time = if self.found.is_ok() { GOOD_FOR } else { BAD_FOR };
        self.of == *url && self.since.elapsed() < time
    }
}

impl fmt::Debug for CatalogConfigs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CatalogConfigs")
    }
}
