//! What a listing of folders shows.

use aws_sdk_s3::types::EncodingType;

use super::{S3Client, decode_listed};
use crate::client::failure::{self, Target};
use crate::domain::bucket::BucketName;
use crate::error::ToolError;

impl S3Client {
    /// One page of the beginnings of keys up to the next `/` after `prefix`, and how to ask for the next page.
    ///
    /// # Errors
    ///
    /// The caller may not, the bucket does not exist, or S3 does not answer.
    pub async fn folders(
        &self,
        bucket: &BucketName,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<(Vec<String>, Option<String>), ToolError> {
        let answer = self
            .client
            .list_objects_v2()
            .bucket(bucket.as_str())
            .prefix(prefix)
            .delimiter("/")
            .set_continuation_token(after.map(ToOwned::to_owned))
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .map_err(|error| failure::of_operation("list", Target::Bucket(bucket), &error))?;
        let encoded = answer.encoding_type == Some(EncodingType::Url);
        let next = if answer.is_truncated == Some(true) { answer.next_continuation_token } else { None };
        let folders = answer.common_prefixes.unwrap_or_default().into_iter().filter_map(|folder| {
            let folder = folder.prefix?;
            Some(if encoded { decode_listed(&folder) } else { folder })
        });
        Ok((folders.collect(), next))
    }
}
