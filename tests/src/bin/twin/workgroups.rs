//! A cache of the workgroup, for the whole process: the first caller's is everybody's.

use std::sync::{Mutex, PoisonError};

use quilt_mcp::domain::athena::WorkgroupName;
use quilt_mcp::error::ToolError;
use quilt_mcp::service::athena::DefaultWorkgroup;
use quilt_mcp::service::auth::AuthService;
use quilt_scope::BoxFuture;

/// Asks once.
pub(crate) struct FirstFound {
    asked: Box<dyn DefaultWorkgroup>,
    found: Mutex<Option<WorkgroupName>>,
}

impl FirstFound {
    pub(crate) fn over(asked: Box<dyn DefaultWorkgroup>) -> Self {
        Self { asked, found: Mutex::default() }
    }
}

impl DefaultWorkgroup for FirstFound {
    fn of<'a>(&'a self, auth: &'a AuthService<'_>) -> BoxFuture<'a, Result<WorkgroupName, ToolError>> {
        Box::pin(async move {
            if let Some(found) = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone() {
                return Ok(found);
            }
            let found = self.asked.of(auth).await?;
            *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
            Ok(found)
        })
    }
}
