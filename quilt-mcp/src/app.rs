//! What all callers share. Nothing here belongs to one of them.

use std::fmt;
use std::sync::Arc;

use quilt_scope::Scope;

use crate::client::registry::RegistryWire;
use crate::client::registry::catalog::CatalogConfigs;
use crate::client::registry::passes::RegistryPasses;
use crate::client::{AwsEndpoints, CredentialSource};
use crate::domain::deployment::Deployment;
use crate::service::athena::{DefaultWorkgroup, QueryRules};
use crate::service::catalog::Catalog;
use crate::service::docs::Docs;
use crate::service::permission::RightsProbe;
use crate::service::threads::ComputeThreads;
use crate::service::turns::TurnsByTenant;
use crate::store::WorkflowStore;
use crate::telemetry::Metrics;

/// The root scope: lives as long as the process.
///
/// A singleton in here that asked for a caller's service would not compile. What is in here is where AWS and registries are,
/// how credentials are obtained, where workflows are kept, and what is counted; no credentials, no principal, no cache of either.
#[derive(Scope)]
pub struct App {
    /// For whom this process works.
    #[scope(seed)]
    pub deployment: Deployment,
    /// Which catalog links lead to.
    #[scope(seed)]
    pub catalog: Catalog,
    /// Quilt's documentation.
    #[scope(seed)]
    pub docs: Docs,
    /// Where AWS is. Holds no identity.
    #[scope(seed)]
    pub aws: AwsEndpoints,
    /// How a caller's grant becomes credentials.
    #[scope(seed)]
    pub credentials: Box<dyn CredentialSource>,
    /// Which token of a caller goes to which registry.
    #[scope(seed)]
    pub passes: Box<dyn RegistryPasses>,
    /// How registries are reached.
    #[scope(seed)]
    pub registry: RegistryWire,
    /// What catalogs publish of their stacks.
    #[scope(seed)]
    pub catalog_configs: CatalogConfigs,
    /// How a caller's rights are found out.
    #[scope(seed)]
    pub rights: Box<dyn RightsProbe>,
    /// Which Athena workgroup is used by a caller who names none.
    #[scope(seed)]
    pub workgroups: Box<dyn DefaultWorkgroup>,
    /// What the operator decided about queries.
    #[scope(seed)]
    pub queries: QueryRules,
    /// Where workflows are kept.
    #[scope(seed)]
    pub workflows: Box<dyn WorkflowStore>,
    /// How much of S3 each tenant's packages may use at a time.
    #[scope(seed)]
    pub turns: TurnsByTenant,
    /// The threads that compute, for all together.
    #[scope(seed)]
    pub threads: ComputeThreads,
    /// What is counted.
    #[scope(seed)]
    pub metrics: Arc<Metrics>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("deployment", &self.deployment).finish_non_exhaustive()
    }
}
