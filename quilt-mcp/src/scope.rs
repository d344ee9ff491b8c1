//! The scope of one request, and what it provides. The only wiring.

use quilt_scope::{Scope, Slot, Watch};

use crate::app::App;
use crate::client::CallerCredentials;
use crate::client::registry::RegistryClient;
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::{Progress, RequestId};
use crate::service::admin::AdminService;
use crate::service::athena::AthenaService;
use crate::service::auth::AuthService;
use crate::service::browsing::BrowsingService;
use crate::service::completion::CompletionService;
use crate::service::object::ObjectService;
use crate::service::package::PackageService;
use crate::service::permission::PermissionService;
use crate::service::push::PushService;
use crate::service::registry::RegistryService;
use crate::service::search::SearchService;
use crate::service::tabulator::TabulatorService;
use crate::service::threads::TenantThreads;
use crate::service::workflow::WorkflowService;
use crate::telemetry::Metrics;

/// What one request can ask for. Built on first use, gone with the request.
///
/// Fields are dropped from the top, so each service stands above what it borrows; another order does not compile.
#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(observer)]
    watch: &'req Watch<'req, Metrics>,
    /// Who asks.
    #[scope(seed)]
    principal: Principal,
    /// With what authority.
    #[scope(seed)]
    grant: Grant,
    /// The request's name in logs and at AWS.
    #[scope(seed)]
    request_id: RequestId,
    /// Where long work says how far it is.
    #[scope(seed)]
    progress: Progress,
    workflows: Slot<WorkflowService<'req>>,
    permissions: Slot<PermissionService<'req>>,
    pushes: Slot<PushService<'req>>,
    completion: Slot<CompletionService<'req>>,
    packages: Slot<PackageService<'req>>,
    objects: Slot<ObjectService<'req>>,
    searches: Slot<SearchService<'req>>,
    admin: Slot<AdminService<'req>>,
    tabulator: Slot<TabulatorService<'req>>,
    registries: Slot<RegistryService<'req>>,
    browsing: Slot<BrowsingService<'req>>,
    registry: Slot<RegistryClient<'req>>,
    athena: Slot<AthenaService<'req>>,
    auth: Slot<AuthService<'req>>,
    credentials: Slot<CallerCredentials>,
    threads: Slot<TenantThreads<'req>>,
}
