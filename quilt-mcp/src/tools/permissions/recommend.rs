//! Which bucket to write to.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::now;
use crate::domain::bucket::BucketName;
use crate::domain::permission::{BucketRights, PermissionLevel, Right, Verdict};
use crate::error::ToolError;
use crate::service::permission::{Candidate, Freshness, PermissionService, Purpose, Wish, recommend};

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
    #[serde(skip_serializing_if = "Option::is_none")]
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
