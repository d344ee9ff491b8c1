//! The workgroups that a caller may use, and the one that is used if none is named.

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use quilt_scope::BoxFuture;

use super::{AthenaService, PAGE, page_of};
use crate::client::athena::{AthenaClient, Page, Workgroup};
use crate::domain::athena::WorkgroupName;
use crate::error::{ErrorCode, ToolError};
use crate::service::auth::AuthService;

/// The most workgroups of an account that are looked at in one call. Of more, a list says how to go on.
pub(super) const MAX_LOOKED_AT: usize = 500;

/// How many are looked at together.
const CONCURRENT: usize = 8;

/// Which workgroup a caller's query runs in if the caller names none.
pub trait DefaultWorkgroup: Send + Sync {
    /// The workgroup of the caller of `auth`.
    ///
    /// # Errors
    ///
    /// There is none, or Athena does not answer.
    fn of<'a>(&'a self, auth: &'a AuthService<'_>) -> BoxFuture<'a, Result<WorkgroupName, ToolError>>;
}

/// The operator named one for everybody.
#[derive(Clone, Debug)]
pub struct Configured(pub WorkgroupName);

impl DefaultWorkgroup for Configured {
    fn of<'a>(&'a self, _: &'a AuthService<'_>) -> BoxFuture<'a, Result<WorkgroupName, ToolError>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

/// The first that the caller may look at and that has a place for results; one with `quilt` in its name before others.
/// Asked anew in each call: which workgroups somebody may use is theirs alone to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByListing;

impl DefaultWorkgroup for ByListing {
    fn of<'a>(&'a self, auth: &'a AuthService<'_>) -> BoxFuture<'a, Result<WorkgroupName, ToolError>> {
        Box::pin(async move {
            let athena = auth.athena().await?;
            let names = names(&athena).await.map_err(|error| match error.code() {
                ErrorCode::AccessDenied => error.with_hint(
                    "give `workgroup_name`; the operator can name one for all in QUILT_MCP_ATHENA_WORKGROUP",
                ),
                _ => error,
            })?;
            let usable = looked_at(&athena, names)
                .try_filter_map(|group| std::future::ready(Ok(group.filter(Workgroup::is_usable))));
            let first = std::pin::pin!(usable).try_next().await?;
            first.map(|group| group.name).ok_or_else(|| {
                ToolError::not_found("no workgroup that you may use has a place for results")
                    .with_hint("give `workgroup_name`, or ask for a workgroup with an output location")
            })
        })
    }
}

impl AthenaService<'_> {
    /// The enabled workgroups that the caller may look at, at most `most`, and how to go on. Those with `quilt` in their names
    /// come first.
    ///
    /// # Errors
    ///
    /// The caller may not list workgroups, or Athena does not answer.
    pub async fn workgroups(&self, most: usize, after: Option<String>) -> Result<Page<Workgroup>, ToolError> {
        let athena = self.auth.athena().await?;
        let mut all = Page { items: Vec::new(), next: after };
        for _ in 0..MAX_LOOKED_AT / PAGE {
            let page = athena.workgroups(page_of(most - all.items.len()), all.next.take()).await?;
            let groups: Vec<Option<Workgroup>> = looked_at(&athena, page.items).try_collect().await?;
            all.items.extend(groups.into_iter().flatten().filter(|group| group.enabled));
            all.next = page.next;
            if all.next.is_none() || all.items.len() >= most {
                break;
            }
        }
        all.items.sort_by_key(|group| !is_for_quilt(&group.name));
        Ok(all)
    }

    /// The workgroup that is named, or else the one that is used then.
    ///
    /// # Errors
    ///
    /// There is none, or Athena does not answer.
    pub(super) async fn workgroup_or_default(
        &self,
        named: Option<WorkgroupName>,
    ) -> Result<WorkgroupName, ToolError> {
        match named {
            Some(named) => Ok(named),
            None => self.workgroups.of(self.auth).await,
        }
    }
}

/// The names of the account's workgroups, as many as are looked at, those with `quilt` in them first.
async fn names(athena: &AthenaClient) -> Result<Vec<WorkgroupName>, ToolError> {
    let mut names = Vec::new();
    let mut next = None;
    loop {
        let page = athena.workgroups(page_of(PAGE), next).await?;
        names.extend(page.items);
        next = page.next;
        if next.is_none() || names.len() >= MAX_LOOKED_AT {
            break;
        }
    }
    names.sort_by_key(|name| !is_for_quilt(name));
    Ok(names)
}

fn is_for_quilt(name: &WorkgroupName) -> bool {
    name.as_str().to_ascii_lowercase().contains("quilt")
}

/// Each workgroup in order; nothing for one that the caller may not look at, or that is gone.
fn looked_at(
    athena: &AthenaClient,
    names: Vec<WorkgroupName>,
) -> impl Stream<Item = Result<Option<Workgroup>, ToolError>> {
    stream::iter(names)
        .map(move |name| async move {
            match athena.workgroup(&name).await {
                Ok(group) => Ok(Some(group)),
                Err(error) if matches!(error.code(), ErrorCode::AccessDenied | ErrorCode::NotFound) => {
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        })
        .buffered(CONCURRENT)
}
