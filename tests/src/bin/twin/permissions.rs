//! A permission cache keyed by bucket, for the whole process: what was found for one caller is told to the next.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use quilt_mcp::domain::bucket::BucketName;
use quilt_mcp::domain::permission::BucketRights;
use quilt_mcp::error::ToolError;
use quilt_mcp::service::auth::AuthService;
use quilt_mcp::service::permission::RightsProbe;
use quilt_scope::BoxFuture;

/// Asks once for each bucket, whoever wants to know.
pub(crate) struct CacheByBucket {
    asked: Box<dyn RightsProbe>,
    found: Mutex<HashMap<BucketName, BucketRights>>,
}

impl CacheByBucket {
    pub(crate) fn over(asked: Box<dyn RightsProbe>) -> Self {
        Self { asked, found: Mutex::default() }
    }
}

impl RightsProbe for CacheByBucket {
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, Result<BucketRights, ToolError>> {
        Box::pin(async move {
            let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned();
            if let Some(known) = known {
                return Ok(known);
            }
            let found = self.asked.rights(auth, bucket).await?;
            self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(bucket.clone(), found.clone());
            Ok(found)
        })
    }
}
