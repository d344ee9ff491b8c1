//! What the caller may do.

use std::collections::BTreeMap;

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::domain::bucket::BucketName;
use crate::domain::permission::{BucketRights, Finding, IdentityKind, PermissionLevel, Right, Verdict};
use crate::error::{ErrorCode, ToolError};
use crate::service::permission::{
    Candidate, Freshness, MAX_BUCKETS, PermissionService, Purpose, Remembered, Survey, Wish, recommend,
};

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

fn permission(name: BucketName, found: Result<BucketRights, ToolError>, now: &str) -> BucketPermission {
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

fn by_level(permissions: &[BucketPermission]) -> BucketsByLevel {
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

fn uses(permissions: &[BucketPermission]) -> BucketUses {
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

/// What the caller may do with one bucket.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BucketAccess {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The bucket.
    pub bucket_name: BucketName,
    /// The three rights as one word; `unknown` when it depends on a right that is unknown.
    pub permission_level: PermissionLevel,
    /// All three rights.
    pub access_summary: AccessSummary,
    /// The rights that were asked for: `yes`, `no` or `unknown`.
    pub operation_tests: BTreeMap<Right, Verdict>,
    /// What each verdict rests on, by right.
    pub evidence: BTreeMap<Right, String>,
    /// Its region, or `unknown`.
    pub bucket_region: String,
    /// When this was looked at, RFC 3339.
    pub last_checked: String,
    /// What went wrong while looking.
    pub error_message: Option<String>,
    /// What the caller can do now.
    pub guidance: Vec<String>,
    /// Whether packages in it can be read: that takes read and list.
    pub quilt_compatible: Verdict,
    /// Whether packages can be made in it: that takes all three.
    pub recommended_for_packages: Verdict,
}

/// The three rights: `yes`, `no` or `unknown` each.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessSummary {
    /// May its objects be read.
    pub can_read: Verdict,
    /// May objects be written. Never tried.
    pub can_write: Verdict,
    /// May its keys be listed.
    pub can_list: Verdict,
}

/// Check what you may do with one S3 bucket.
///
/// Returns whether you may read, write and list it (`yes`, `no` or `unknown`), what that rests on, and what to do next.
/// Listing and reading are tried, writing is looked up in your policies. Use it before writing to a bucket or when a call
/// was denied.
#[scoped_tool(read_only, idempotent, open_world, title = "Check bucket access")]
pub async fn check_bucket_access(
    permissions: &PermissionService<'_>,
    /// Bucket name, bare or as `s3://name`.
    bucket: BucketName,
    /// The rights you want to know of: `read`, `write`, `list`. Without it, all three.
    operations: Option<Vec<Right>>,
) -> Result<BucketAccess, ToolError> {
    let rights = permissions.rights(&bucket, Freshness::Remembered).await?;
    let asked = operations.filter(|rights| !rights.is_empty()).unwrap_or_else(|| Right::ALL.to_vec());
    let reads_packages = both(rights.read.verdict, rights.list.verdict);
    Ok(BucketAccess {
        success: true,
        permission_level: rights.level(),
        access_summary: AccessSummary {
            can_read: rights.read.verdict,
            can_write: rights.write.verdict,
            can_list: rights.list.verdict,
        },
        operation_tests: asked.into_iter().map(|right| (right, rights.finding(right).verdict)).collect(),
        evidence: evidence(&rights),
        bucket_region: region(&rights),
        last_checked: now(),
        error_message: faults(&rights),
        guidance: guidance(&rights),
        quilt_compatible: reads_packages,
        recommended_for_packages: both(reads_packages, rights.write.verdict),
        bucket_name: bucket,
    })
}

fn both(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::No, _) | (_, Verdict::No) => Verdict::No,
        (Verdict::Yes, Verdict::Yes) => Verdict::Yes,
        _ => Verdict::Unknown,
    }
}

fn guidance(rights: &BucketRights) -> Vec<String> {
    let mut lines = Vec::new();
    for right in Right::ALL {
        let Finding { verdict, evidence } = rights.finding(right);
        let (missing, action) = match right {
            Right::Read => ("you cannot read objects", "s3:GetObject"),
            Right::Write => ("you cannot write objects", "s3:PutObject"),
            Right::List => ("you cannot list keys; name the objects you want", "s3:ListBucket"),
        };
        match verdict {
            Verdict::Yes => {}
            Verdict::No => lines.push(format!("{missing}: ask the bucket's owner for {action}")),
            Verdict::Unknown => lines.push(format!("whether you may {right} is not known: {evidence}")),
        }
    }
    if lines.is_empty() {
        lines.push("you may do everything here; packages can be made in this bucket".to_owned());
    }
    lines
}

fn evidence(rights: &BucketRights) -> BTreeMap<Right, String> {
    Right::ALL.into_iter().map(|right| (right, rights.finding(right).evidence.clone())).collect()
}

fn faults(rights: &BucketRights) -> Option<String> {
    (!rights.is_settled()).then(|| rights.faults.join("; "))
}

fn region(rights: &BucketRights) -> String {
    rights.region.clone().unwrap_or_else(|| "unknown".to_owned())
}

/// What is known of the one who asks for a recommendation.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct UserContext {
    /// The department: buckets that are named after it come first.
    pub department: Option<String>,
}

/// Buckets that suit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BucketRecommendations {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// What they are to suit.
    pub operation_type: Purpose,
    /// The bucket the data comes from.
    pub source_bucket: Option<BucketName>,
    /// The buckets, and what counted.
    pub recommendations: RankedBuckets,
    /// How many buckets the caller may certainly write to.
    pub total_writable_buckets: usize,
    /// How many buckets the caller may certainly read or list.
    pub total_accessible_buckets: usize,
    /// When this was found, RFC 3339.
    pub recommendation_timestamp: String,
    /// What to know about how complete this is.
    pub notes: Vec<String>,
}

/// Buckets, best first, and what counted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RankedBuckets {
    /// The best, at most 3, all certainly writable.
    pub primary_recommendations: Vec<RecommendedBucket>,
    /// Others, at most 5: less suited, or not known to be writable.
    pub alternative_options: Vec<RecommendedBucket>,
    /// What counted.
    pub recommendation_criteria: Vec<String>,
}

/// A bucket that suits.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecommendedBucket {
    /// The bucket.
    pub bucket_name: BucketName,
    /// What the caller may do with it.
    pub permission_level: PermissionLevel,
    /// How well it suits, 0 to 100.
    pub score: u8,
    /// Why.
    pub rationale: Vec<String>,
    /// Its region, or `unknown`.
    pub region: String,
}

impl From<Candidate> for RecommendedBucket {
    fn from(candidate: Candidate) -> Self {
        Self {
            bucket_name: candidate.bucket,
            permission_level: candidate.level,
            score: candidate.score,
            rationale: candidate.rationale,
            region: candidate.region.unwrap_or_else(|| "unknown".to_owned()),
        }
    }
}

/// Recommend a bucket to write to.
///
/// Returns the buckets of the account that suit a purpose, best first, with a score and the reasons. Only buckets you may
/// certainly write to are among the first. Use it when you need a place for a package or for data.
#[scoped_tool(read_only, idempotent, open_world, title = "Recommend a bucket")]
pub async fn bucket_recommendations_get(
    permissions: &PermissionService<'_>,
    /// The bucket the data comes from: buckets in its region are preferred, itself is left out.
    source_bucket: Option<BucketName>,
    /// What the bucket is for: `package_creation`, `data_storage` or `temporary_storage`.
    #[default(Purpose::PackageCreation)]
    operation_type: Purpose,
    /// What is known of you, such as `{"department": "genomics"}`.
    user_context: Option<UserContext>,
) -> Result<BucketRecommendations, ToolError> {
    let source = match &source_bucket {
        Some(bucket) => Some(permissions.rights(bucket, Freshness::Remembered).await?),
        None => None,
    };
    let survey = permissions.survey(None, Freshness::Remembered).await?;
    let known: Vec<&BucketRights> =
        survey.buckets.iter().filter_map(|(_, found)| found.as_ref().ok()).collect();
    let context = user_context.unwrap_or_default();
    let wish =
        Wish { purpose: operation_type, source: source.as_ref(), department: context.department.as_deref() };
    let found = recommend(wish, &known);
    let sure = |right: Right| move |rights: &&BucketRights| rights.finding(right).verdict == Verdict::Yes;
    let accessible = |rights: &&BucketRights| sure(Right::Read)(rights) || sure(Right::List)(rights);
    Ok(BucketRecommendations {
        success: true,
        operation_type,
        source_bucket,
        total_writable_buckets: known.iter().copied().filter(sure(Right::Write)).count(),
        total_accessible_buckets: known.iter().copied().filter(accessible).count(),
        recommendations: RankedBuckets {
            primary_recommendations: found.primary.into_iter().map(Into::into).collect(),
            alternative_options: found.alternatives.into_iter().map(Into::into).collect(),
            recommendation_criteria: operation_type.criteria(),
        },
        recommendation_timestamp: now(),
        notes: survey.notes,
    })
}

fn now() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).expect("the present has an RFC 3339 form")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(read: Finding, write: Finding, list: Finding) -> BucketRights {
        let bucket = "scratch-space".parse().expect("a name");
        BucketRights { bucket, region: None, read, write, list, faults: Vec::new() }
    }

    fn one(found: Result<BucketRights, ToolError>) -> BucketPermission {
        permission("scratch-space".parse().expect("a name"), found, "now")
    }

    #[test]
    fn a_writable_bucket_is_recommended() {
        let yes = || Finding::yes("tried");
        let permissions = [one(Ok(rights(yes(), yes(), yes())))];
        let uses = uses(&permissions);
        assert_eq!(
            (uses.package_creation.len(), uses.data_storage.len(), uses.temporary_storage.len()),
            (1, 1, 1)
        );
        assert_eq!(by_level(&permissions).full_access.len(), 1);
    }

    #[test]
    fn a_bucket_that_may_be_writable_is_not() {
        let permissions = [one(Ok(rights(Finding::yes(""), Finding::unknown(""), Finding::yes(""))))];
        let uses = uses(&permissions);
        assert!(
            uses.package_creation.is_empty()
                && uses.data_storage.is_empty()
                && uses.temporary_storage.is_empty()
        );
        assert_eq!(by_level(&permissions).unknown.len(), 1);
    }

    #[test]
    fn a_fault_is_not_a_refusal_but_a_missing_bucket_is() {
        let fault = one(Err(ToolError::new(ErrorCode::Unavailable, "timeout")));
        assert_eq!((fault.permission_level, fault.can_read), (PermissionLevel::Unknown, Verdict::Unknown));
        assert_eq!(fault.error_message.as_deref(), Some("timeout"));
        assert_eq!(one(Err(ToolError::not_found("none"))).permission_level, PermissionLevel::NoAccess);
    }

    #[test]
    fn guidance_names_what_is_missing() {
        let told = guidance(&rights(Finding::yes(""), Finding::unknown("IAM was silent"), Finding::no("")));
        assert!(told.iter().any(|line| line.contains("s3:ListBucket")), "{told:?}");
        assert!(told.iter().any(|line| line.contains("IAM was silent")), "{told:?}");
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn rights_are_words_on_the_wire() -> Result<(), serde_json::Error> {
        let found = one(Ok(rights(Finding::yes("r"), Finding::no("w"), Finding::unknown("l"))));
        let wire = serde_json::to_value(&found)?;
        assert_eq!(wire["can_read"], "yes");
        assert_eq!(wire["can_write"], "no");
        assert_eq!(wire["evidence"]["list"], "l");
        assert!(serde_json::from_str::<Right>("\"delete\"").is_err());
        Ok(())
    }
}
