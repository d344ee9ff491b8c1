//! Links that carry a right.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;

use super::S3Client;
use super::address::{SdkLink, Validity};
use crate::client::failure::{self, Target};
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};

/// A link that carries its caller's right to read one object. Not `Debug`: who has it may read.
#[expect(missing_debug_implementations, reason = "the link is a secret of its caller")]
pub struct SignedLink {
    /// The link.
    pub url: String,
    /// When it stops working.
    pub expires_at: SystemTime,
    /// How long it works from now on.
    pub valid_for: Duration,
}

impl S3Client {
    /// A link to read the object with the caller's rights, for `wanted` or as long as the caller's credentials last,
    /// whichever is shorter. Sends nothing to S3.
    ///
    /// # Errors
    ///
    /// `wanted` is no time that a link may live, or the caller's credentials have ended.
    pub async fn sign(&self, uri: &S3Uri, wanted: Duration) -> Result<SignedLink, ToolError> {
        // Nothing here waits for anybody, and a listing asks for a thousand: others get a turn every so often.
        tokio::task::coop::consume_budget().await;
        let from = SystemTime::now();
        let valid_for = link_lifetime(from, wanted, self.identity.expiration())?;
        let validity = Validity { from, length: valid_for };
        let known = self.addresses.of(uri.bucket(), &self.identity);
        let url = match known.and_then(|address| address.link(uri, &self.identity, validity)) {
            Some(url) => url,
            None => {
                let url = self.signed_by_the_sdk(uri, validity).await?;
                let link = || SdkLink { url: url.clone(), uri: uri.clone(), validity };
                self.addresses.keep(uri.bucket(), link);
                url
            }
        };
        Ok(SignedLink { url, expires_at: from + valid_for, valid_for })
    }

    pub(super) async fn signed_by_the_sdk(
        &self,
        uri: &S3Uri,
        validity: Validity,
    ) -> Result<String, ToolError> {
        let config = PresigningConfig::builder()
            .start_time(validity.from)
            .expires_in(validity.length)
            .build()
            .map_err(|error| ToolError::internal(format!("a link that lives too long: {error}")))?;
        let signed = self
            .getting(uri)
            .presigned(config)
            .await
            .map_err(|error| failure::of_operation("sign a link to", Target::Object(uri), &error))?;
        Ok(signed.uri().to_owned())
    }
}

/// The longest that S3 lets a link live:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// The shorter of `wanted` and what is left until `expires_at`, in whole seconds.
pub(super) fn link_lifetime(
    now: SystemTime,
    wanted: Duration,
    expires_at: Option<SystemTime>,
) -> Result<Duration, ToolError> {
    if !(Duration::from_secs(1)..=LONGEST).contains(&wanted) {
        return Err(ToolError::invalid_input("a link may live 1 second to 7 days"));
    }
    let Some(expires_at) = expires_at else { return Ok(wanted) };
    let left = expires_at.duration_since(now).unwrap_or_default().as_secs();
    match left {
        0 => Err(ToolError::new(ErrorCode::CredentialsUnavailable, "your credentials have expired")
            .with_hint("obtain a new token and send the call again")),
        left => Ok(wanted.min(Duration::from_secs(left))),
    }
}
