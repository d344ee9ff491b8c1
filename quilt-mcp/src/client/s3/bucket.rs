//! Buckets: which there are, and where.

use super::{S3Client, rfc3339};
use crate::client::failure::{self, Target};
use crate::domain::bucket::BucketName;
use crate::error::ToolError;

/// A bucket as the account's listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedBucket {
    /// Its name.
    pub name: BucketName,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// Where it is.
    pub region: Option<String>,
}

impl S3Client {
    /// One page of the buckets of the caller's account, and how to ask for the next.
    ///
    /// # Errors
    ///
    /// The caller may not, or S3 does not answer.
    pub async fn list_buckets(
        &self,
        after: Option<&str>,
    ) -> Result<(Vec<ListedBucket>, Option<String>), ToolError> {
        let answer = self
            .client
            .list_buckets()
            .set_continuation_token(after.map(ToOwned::to_owned))
            .send()
            .await
            .map_err(|error| {
                failure::of_operation("list the buckets of your account", Target::Account, &error)
            })?;
        let buckets = answer.buckets.unwrap_or_default().into_iter().filter_map(|bucket| {
            Some(ListedBucket {
                // Buckets from before today's rules have names that cannot be asked for through this server.
                name: bucket.name?.parse().ok()?,
                created: bucket.creation_date.as_ref().and_then(rfc3339),
                region: bucket.bucket_region,
            })
        });
        Ok((buckets.collect(), answer.continuation_token.filter(|token| !token.is_empty())))
    }

    /// Where the bucket is, if S3 tells this caller.
    pub async fn bucket_region(&self, bucket: &BucketName) -> Option<String> {
        let header = "x-amz-bucket-region";
        let told = match self.client.head_bucket().bucket(bucket.as_str()).send().await {
            Ok(answer) => answer.bucket_region,
            // S3 says where the bucket is even when it refuses.
            Err(error) => {
                error.raw_response().and_then(|raw| raw.headers().get(header)).map(ToOwned::to_owned)
            }
        };
        match told {
            Some(region) => Some(region),
            None => self.bucket_location(bucket).await,
        }
    }

    async fn bucket_location(&self, bucket: &BucketName) -> Option<String> {
        let answer = self.client.get_bucket_location().bucket(bucket.as_str()).send().await.ok()?;
        Some(match answer.location_constraint.as_ref().map(AsRef::as_ref) {
            None | Some("") => "us-east-1".to_owned(),
            Some("EU") => "eu-west-1".to_owned(),
            Some(region) => region.to_owned(),
        })
    }
}
