//! One bucket in full.

use std::collections::BTreeMap;

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::{evidence, faults, now, region};
use crate::domain::bucket::BucketName;
use crate::domain::permission::{BucketRights, Finding, PermissionLevel, Right, Verdict};
use crate::error::ToolError;
use crate::service::permission::{Freshness, PermissionService};

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
    #[serde(skip_serializing_if = "Option::is_none")]
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

pub(super) fn guidance(rights: &BucketRights) -> Vec<String> {
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
