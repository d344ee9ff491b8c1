//! Links to files of packages that the caller's Quilt registry signs.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::mem;
use std::time::Duration;

use quilt_package::{LogicalKey, QuiltUri, Revision as Named, UriPackage};
use quilt_scope::service;
use tokio::sync::Mutex;

use super::package::Revision;
use crate::client::registry::RegistryClient;
use crate::client::registry::browsing::{BrowseCookie, BrowseLink, BrowsingSession};
use crate::error::ToolError;

/// How long ending a session may take: the caller waits for the answer meanwhile.
const DISPOSING: Duration = Duration::from_secs(5);

/// Looks into packages at the caller's registry. Its sessions are opened when they are first needed, and end with the request.
pub struct BrowsingService<'req> {
    registry: &'req RegistryClient<'req>,
    /// Held while one is opened, so that two looks into one package share it.
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// By what they are for.
    sessions: BTreeMap<String, BrowsingSession>,
    cookie: Option<BrowseCookie>,
}

#[service(close = dispose)]
impl<'req> BrowsingService<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(registry: &'req RegistryClient<'req>) -> Self {
        Self { registry, open: Mutex::default() }
    }

    /// Ends what was opened, whatever became of the request. What cannot be ended ends by itself, minutes later.
    async fn dispose(&self) {
        let sessions = mem::take(&mut self.open.lock().await.sessions);
        for session in sessions.values() {
            let disposed = tokio::time::timeout(DISPOSING, self.registry.dispose_of_browsing(session)).await;
            let code = match disposed {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.code().as_str(),
                Err(_) => "late",
            };
            // Nobody is left to be told but the operator.
            tracing::warn!(code, "a browsing session at the registry could not be ended");
        }
    }
}

impl BrowsingService<'_> {
    /// A link to a file of a revision.
    ///
    /// # Errors
    ///
    /// There is no registry for this caller; it does not let its callers look into this bucket, knows no such file, or does
    /// not answer.
    pub async fn link(&self, revision: &Revision, file: &LogicalKey) -> Result<BrowseLink, ToolError> {
        let mut open = self.open.lock().await;
        let Open { sessions, cookie } = &mut *open;
        let session = match sessions.entry(scope(revision)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let session = self.registry.open_browsing(place.key()).await?;
                place.insert(session)
            }
        };
        let cookie = match cookie {
            Some(cookie) => cookie,
            None => cookie.insert(self.registry.browse_cookie().await?),
        };
        self.registry.browse(session, cookie, file.as_str()).await
    }
}

/// As the registry's own pages name it.
fn scope(revision: &Revision) -> String {
    let package = UriPackage {
        name: revision.name.in_format().clone(),
        revision: Some(Named::Hash(revision.top_hash.into())),
        path: None,
    };
    QuiltUri { bucket: revision.registry.to_string(), package: Some(package), catalog: None }.to_string()
}

impl fmt::Debug for BrowsingService<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowsingService").field("registry", &self.registry).finish_non_exhaustive()
    }
}
