//! Links to the objects of a bucket, once it is known where they are and what signatures there name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_http::label::EncodingStrategy;
use aws_smithy_http::{label, query};
use aws_smithy_runtime_api::client::identity::Identity;
use url::Url;

use crate::domain::bucket::BucketName;
use crate::domain::object::{ObjectKey, S3Uri};

/// Where the objects of a bucket are, and what signatures there name.
///
/// The SDK builds a whole operation for each link. It decides about partitions, FIPS, dual stack and endpoints of one's own, though,
/// so a bucket's first link is the SDK's and says where the others lead.
pub(super) struct BucketAddress {
    /// All of an object's URL that stands before its key.
    base: String,
    region: String,
    service: String,
}

/// The buckets that links of one request lead to.
#[derive(Default)]
pub(super) struct Addresses(Mutex<HashMap<BucketName, Known>>);

/// What is known of a bucket.
enum Known {
    /// A link of the SDK's. Nothing is learned from it before there is a second to be made: most requests want one.
    Link(SdkLink),
    /// Where it is. `None`: for this one only the SDK can sign.
    Address(Option<Arc<BucketAddress>>),
}

/// A link that the SDK has made.
pub(super) struct SdkLink {
    pub(super) url: String,
    pub(super) uri: S3Uri,
    pub(super) validity: Validity,
}

impl Addresses {
    /// Where `bucket` is, if that can be learned from what the SDK has made to it for `identity`.
    pub(super) fn of(&self, bucket: &BucketName, identity: &Identity) -> Option<Arc<BucketAddress>> {
        let mut all = self.lock();
        let address = match all.get(bucket)? {
            Known::Address(address) => return address.clone(),
            Known::Link(link) => BucketAddress::learned_from(link, identity).map(Arc::new),
        };
        all.insert(bucket.clone(), Known::Address(address.clone()));
        address
    }

    /// Keeps a bucket's first link. What is known of it already stays.
    pub(super) fn keep(&self, bucket: &BucketName, link: impl FnOnce() -> SdkLink) {
        self.lock().entry(bucket.clone()).or_insert_with(|| Known::Link(link()));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<BucketName, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a link works, and from when on.
#[derive(Clone, Copy)]
pub(super) struct Validity {
    pub(super) from: SystemTime,
    pub(super) length: Duration,
}

impl BucketAddress {
    /// What `link` says of its bucket. `None`, if the same link made here differs from it.
    fn learned_from(link: &SdkLink, identity: &Identity) -> Option<Self> {
        let SdkLink { url, uri, validity } = link;
        let (location, _) = url.split_once('?')?;
        let base = location.strip_suffix(&encoded(uri.key()))?.to_owned();
        let parsed = Url::parse(url).ok()?;
        let (_, credential) = parsed.query_pairs().find(|(name, _)| name == "X-Amz-Credential")?;
        // `<access key id>/<date>/<region>/<service>/aws4_request`
        let mut scope = credential.rsplit('/').skip(1);
        let (service, region) = (scope.next()?.to_owned(), scope.next()?.to_owned());
        let address = Self { base, region, service };
        (address.link(uri, identity, *validity)? == *url).then_some(address)
    }

    /// A link to read the object. `None`, if it cannot be signed here.
    pub(super) fn link(&self, uri: &S3Uri, identity: &Identity, validity: Validity) -> Option<String> {
        let mut link = format!("{}{}?x-id=GetObject", self.base, encoded(uri.key()));
        if let Some(version) = uri.version_id() {
            link.push_str("&versionId=");
            link.push_str(&query::fmt_string(version));
        }
        let params = v4::SigningParams::builder()
            .identity(identity)
            .region(&self.region)
            .name(&self.service)
            .time(validity.from)
            .settings(settings(validity.length))
            .build()
            .ok()?
            .into();
        let request =
            SignableRequest::new("GET", link.as_str(), std::iter::empty(), SignableBody::UnsignedPayload)
                .ok()?;
        let (instructions, _) = sign(request, &params).ok()?.into_parts();
        for (name, value) in instructions.params() {
            link.push('&');
            link.push_str(name);
            link.push('=');
            link.push_str(&query::fmt_string(value));
        }
        Some(link)
    }
}

fn encoded(key: &ObjectKey) -> String {
    label::fmt_string(key.as_str(), EncodingStrategy::Greedy)
}

/// As S3 wants links signed: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
fn settings(valid_for: Duration) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.session_token_mode = SessionTokenMode::Include;
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(valid_for);
    settings
}

#[cfg(test)]
mod tests;
