//! What the caller may do.

mod access;
mod discover;
mod recommend;

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use access::{AccessSummary, BucketAccess, check_bucket_access};
pub use discover::{
    BucketPermission, BucketUses, BucketsByLevel, CacheStats, PermissionReport, UserIdentity,
    discover_permissions,
};
pub use recommend::{
    BucketRecommendations, RankedBuckets, RecommendedBucket, UserContext, bucket_recommendations_get,
};

use crate::domain::permission::{BucketRights, Right};

fn evidence(rights: &BucketRights) -> BTreeMap<Right, String> {
    Right::ALL.into_iter().map(|right| (right, rights.finding(right).evidence.clone())).collect()
}

fn faults(rights: &BucketRights) -> Option<String> {
    (!rights.is_settled()).then(|| rights.faults.join("; "))
}

fn region(rights: &BucketRights) -> String {
    rights.region.clone().unwrap_or_else(|| "unknown".to_owned())
}

fn now() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).expect("the present has an RFC 3339 form")
}

#[cfg(test)]
mod tests;
