//! What is known of whose rights.

use std::collections::HashMap;
use std::sync::Mutex;

use quilt_mcp::app::App;
use quilt_mcp::domain::bucket::BucketName;
use quilt_mcp::domain::permission::BucketRights;
use quilt_mcp::error::ToolError;
use quilt_mcp::service::auth::AuthService;
use quilt_mcp::service::permission::RightsProbe;
use quilt_scope::BoxFuture;

use super::{Fault, lock};
use crate::wiring::Scene;

type Key = fn(&AuthService<'_>, &BucketName) -> String;

/// What was found under a key is told to all who have it.
pub(super) struct Cached(pub(super) Key);

struct CachedProbe {
    sound: Box<dyn RightsProbe>,
    key: Key,
    kept: Mutex<HashMap<String, BucketRights>>,
}

impl Fault for Cached {
    fn app(&self, sound: App, _: &Scene) -> App {
        let probe = CachedProbe { sound: sound.rights, key: self.0, kept: Mutex::default() };
        App { rights: Box::new(probe), ..sound }
    }
}

impl RightsProbe for CachedProbe {
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, Result<BucketRights, ToolError>> {
        Box::pin(async move {
            let key = (self.key)(auth, bucket);
            let known = lock(&self.kept).get(&key).cloned();
            if let Some(known) = known {
                return Ok(known);
            }
            let found = self.sound.rights(auth, bucket).await?;
            lock(&self.kept).insert(key, found.clone());
            Ok(found)
        })
    }
}
