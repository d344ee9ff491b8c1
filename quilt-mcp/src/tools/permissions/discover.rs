//! All buckets at a glance.

use std::collections::BTreeMap;

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::{evidence, faults, now, region};
use crate::domain::bucket::BucketName;
use crate::domain::permission::{BucketRights, IdentityKind, PermissionLevel, Right, Verdict};
use crate::error::{ErrorCode, ToolError};
use crate::service::permission::{Freshness, MAX_BUCKETS, PermissionService, Purpose, Remembered, Survey};

/// What the caller may do with which bucket.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PermissionReport {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// For whom AWS takes the caller.
    pub user_identity: UserIdentity,
    /// What was found about each bucket.
    pub bucket_permissions: Vec<BucketPermission>,
    /// The buckets by level.
    pub categorized_buckets: BucketsByLevel,
    /// Which of them suit what.
    pub recommendations: BucketUses,
    /// How much is remembered.
    pub cache_stats: CacheStats,
    /// When this was found, RFC 3339.
    pub discovery_timestamp: String,
    /// How many buckets were looked at.
    pub total_buckets_checked: usize,
    /// What to know about how complete this is.
    pub notes: Vec<String>,
}

/// For whom AWS takes the caller.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserIdentity {
    /// AWS's unique id.
    pub user_id: String,
    /// The ARN.
    pub arn: String,
    /// The account, 12 digits.
    pub account_id: String,
    /// What kind of identity it is.
    pub user_type: IdentityKind,
    /// The name of the user or role.
    pub user_name: String,
}

/// What was found about one bucket.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BucketPermission {
    /// The bucket.
    pub name: BucketName,
    /// Its region, or `unknown`.
    pub region: String,
    /// The three rights as one word; `unknown` when it depends on a right that is unknown.
    pub permission_level: PermissionLevel,
    /// `yes`, `no` or `unknown`.
    pub can_read: Verdict,
    /// `yes`, `no` or `unknown`. Writing is never tried.
    pub can_write: Verdict,
    /// `yes`, `no` or `unknown`.
    pub can_list: Verdict,
    /// What each verdict rests on, by right. Empty when the bucket could not be looked at.
    pub evidence: BTreeMap<Right, String>,
    /// When this was looked at, RFC 3339.
    pub last_checked: String,
    /// What went wrong while looking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// Buckets by level.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct BucketsByLevel {
    /// Read, write and list.
    pub full_access: Vec<BucketName>,
    /// Read and write, not list.
    pub read_write: Vec<BucketName>,
    /// Read and list, not write.
    pub read_only: Vec<BucketName>,
    /// List, not read.
    pub list_only: Vec<BucketName>,
    /// None of these.
    pub no_access: Vec<BucketName>,
    /// It depends on a right that is unknown.
    pub unknown: Vec<BucketName>,
}

/// Buckets by what they suit. Only buckets that can certainly be written.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct BucketUses {
    /// For packages: full access.
    pub package_creation: Vec<BucketName>,
    /// For data: read and write.
    pub data_storage: Vec<BucketName>,
    /// For a while: writable, and named like it.
    pub temporary_storage: Vec<BucketName>,
}

/// How much is remembered. Nothing is kept after the request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CacheStats {
    /// Buckets whose rights are remembered.
    pub permission_cache_size: usize,
    /// Identities that are remembered.
    pub identity_cache_size: usize,
    /// Lists of buckets that are remembered.
    pub bucket_list_cache_size: usize,
    /// For how many seconds after this request: always 0.
    pub cache_ttl: u64,
}

impl From<Remembered> for CacheStats {
    fn from(remembered: Remembered) -> Self {
        Self {
            permission_cache_size: remembered.rights,
            identity_cache_size: remembered.identities,
            bucket_list_cache_size: remembered.bucket_lists,
            cache_ttl: 0,
        }
    }
}

/// Find out what you may do with which S3 buckets.
///
/// Returns for whom AWS takes you, and for each bucket whether you may read, write and list it (`yes`, `no` or `unknown`)
/// with the evidence. Without `check_buckets` it looks at every bucket of the account. Nothing is written to find out.
/// Use it to choose a bucket; use check_bucket_access for a single one.
#[scoped_tool(read_only, idempotent, open_world, title = "Discover permissions")]
pub async fn discover_permissions(
    permissions: &PermissionService<'_>,
    /// The buckets to look at, at most 500. Without it, all buckets of the account.
    #[length(0..=MAX_BUCKETS)]
    check_buckets: Option<Vec<BucketName>>,
    /// Buckets of other accounts cannot be listed, so this only adds a note how to check them.
    #[default(false)]
    include_cross_account: bool,
    /// Whether to ask AWS again for what was found earlier in this request.
    #[default(false)]
    force_refresh: bool,
) -> Result<PermissionReport, ToolError> {
    let freshness = if force_refresh { Freshness::Fresh } else { Freshness::Remembered };
    let Survey { buckets, mut notes } = permissions.survey(check_buckets, freshness).await?;
    if include_cross_account {
        notes.push("S3 does not list buckets of other accounts; name them in `check_buckets`".to_owned());
    }
    let identity = permissions.identity().await?;
    let user_identity = UserIdentity {
        user_id: identity.user_id.clone(),
        arn: identity.arn.clone(),
        account_id: identity.account_id.clone(),
        user_type: identity.kind(),
        user_name: identity.name().to_owned(),
    };
    let now = now();
    let bucket_permissions: Vec<_> =
        buckets.into_iter().map(|(name, found)| permission(name, found, &now)).collect();
    Ok(PermissionReport {
        success: true,
        user_identity,
        categorized_buckets: by_level(&bucket_permissions),
        recommendations: uses(&bucket_permissions),
        cache_stats: permissions.remembered().into(),
        discovery_timestamp: now,
        total_buckets_checked: bucket_permissions.len(),
        bucket_permissions,
        notes,
    })
}

pub(super) fn permission(
    name: BucketName,
    found: Result<BucketRights, ToolError>,
    now: &str,
) -> BucketPermission {
    match found {
        Ok(rights) => BucketPermission {
            name,
            permission_level: rights.level(),
            can_read: rights.read.verdict,
            can_write: rights.write.verdict,
            can_list: rights.list.verdict,
            evidence: evidence(&rights),
            last_checked: now.to_owned(),
            error_message: faults(&rights),
            region: region(&rights),
        },
        Err(error) => {
            let (permission_level, verdict) = match error.code() {
                ErrorCode::NotFound => (PermissionLevel::NoAccess, Verdict::No),
                _ => (PermissionLevel::Unknown, Verdict::Unknown),
            };
            BucketPermission {
                name,
                region: "unknown".to_owned(),
                permission_level,
                can_read: verdict,
                can_write: verdict,
                can_list: verdict,
                evidence: BTreeMap::new(),
                last_checked: now.to_owned(),
                error_message: Some(error.message().to_owned()),
            }
        }
    }
}

pub(super) fn by_level(permissions: &[BucketPermission]) -> BucketsByLevel {
    let mut levels = BucketsByLevel::default();
    for permission in permissions {
        let level = match permission.permission_level {
            PermissionLevel::FullAccess => &mut levels.full_access,
            PermissionLevel::ReadWrite => &mut levels.read_write,
            PermissionLevel::ReadOnly => &mut levels.read_only,
            PermissionLevel::ListOnly => &mut levels.list_only,
            PermissionLevel::NoAccess => &mut levels.no_access,
            PermissionLevel::Unknown => &mut levels.unknown,
        };
        level.push(permission.name.clone());
    }
    levels
}

pub(super) fn uses(permissions: &[BucketPermission]) -> BucketUses {
    let names = |suits: &dyn Fn(&BucketPermission) -> bool| {
        permissions.iter().filter(|p| suits(p)).map(|p| p.name.clone()).collect()
    };
    let sure = |verdict: Verdict| verdict == Verdict::Yes;
    BucketUses {
        package_creation: names(&|p| p.permission_level == PermissionLevel::FullAccess),
        data_storage: names(&|p| sure(p.can_read) && sure(p.can_write)),
        temporary_storage: names(&|p| sure(p.can_write) && Purpose::TemporaryStorage.is_named_in(&p.name)),
    }
}
