//! Who may do what at the embedded S3.
//!
//! Everything that is not listed here is refused: an operation nobody thought of must not be open to everybody.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Extensions, HeaderMap, Uri};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::{CopyObjectInput, CopySource, DeleteObjectsInput, UploadPartCopyInput};
use s3s::path::S3Path;
use s3s::{S3Request, S3Result, s3_error};

use super::keys::{Caller, KeyRing, signing_key};
use super::world::Rights;

/// Knows the keys for the signature check, and decides what their owners may do.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) keys: Arc<KeyRing>,
}

#[async_trait]
impl S3Auth for Gate {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        Ok(signing_key(&self.keys.secret(access_key)?))
    }
}

#[async_trait]
impl S3Access for Gate {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        let credentials =
            request.credentials().ok_or_else(|| s3_error!(AccessDenied, "the request is not signed"))?;
        let token = session_token(request.headers(), request.uri());
        let caller = self.keys.caller(&credentials.access_key, token.as_deref())?;

        let need = Need::of(request.s3_op().name());
        match (request.s3_path(), need) {
            (S3Path::Root, Some(Need::Identity)) => {}
            (S3Path::Bucket { bucket }, Some(Need::InBucket(rights))) => permit(&caller, bucket, rights)?,
            (S3Path::Object { bucket, key }, Some(Need::InBucket(rights))) => {
                permit(&caller, bucket, rights)?;
                ordinary_key(key)?;
            }
            _ => return Err(s3_error!(AccessDenied, "no role of the demo allows this operation")),
        }
        request.extensions_mut().insert(caller);
        Ok(())
    }

    async fn copy_object(&self, request: &mut S3Request<CopyObjectInput>) -> S3Result<()> {
        may_copy_from(caller(&request.extensions)?, &request.input.copy_source)
    }

    async fn upload_part_copy(&self, request: &mut S3Request<UploadPartCopyInput>) -> S3Result<()> {
        may_copy_from(caller(&request.extensions)?, &request.input.copy_source)
    }

    async fn delete_objects(&self, request: &mut S3Request<DeleteObjectsInput>) -> S3Result<()> {
        request.input.delete.objects.iter().try_for_each(|object| ordinary_key(&object.key))
    }
}

/// The caller that [`Gate`] has admitted.
pub(super) fn caller(extensions: &Extensions) -> S3Result<&Caller> {
    extensions.get().ok_or_else(|| s3_error!(AccessDenied, "the request has not been checked"))
}

/// The session token, from the header or from a presigned URL.
pub(super) fn session_token<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<Cow<'a, str>> {
    if let Some(value) = headers.get("x-amz-security-token") {
        return value.to_str().ok().map(Cow::Borrowed);
    }
    url::form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(name, _)| name == "X-Amz-Security-Token")
        .map(|(_, value)| value)
}

/// Whether [`Gate`] lets `caller` do what the IAM action `action` stands for throughout the resource with this ARN. What
/// it does not know, it does not let anybody do.
pub(super) fn would_allow(caller: &Caller, action: &str, resource: &str) -> bool {
    let (operation, on_objects) = match action {
        "s3:ListAllMyBuckets" => ("ListBuckets", false),
        "s3:ListBucket" => ("ListObjectsV2", false),
        "s3:GetBucketLocation" => ("GetBucketLocation", false),
        "s3:GetObject" => ("GetObject", true),
        "s3:PutObject" => ("PutObject", true),
        "s3:DeleteObject" => ("DeleteObject", true),
        "s3:AbortMultipartUpload" => ("AbortMultipartUpload", true),
        "s3:ListMultipartUploadParts" => ("ListParts", true),
        _ => return false,
    };
    match Need::of(operation) {
        Some(Need::Identity) => true,
        Some(Need::InBucket(rights)) => {
            let Some(path) = resource.strip_prefix("arn:aws:s3:::") else { return false };
            let (bucket, key) =
                path.split_once('/').map_or((path, None), |(bucket, key)| (bucket, Some(key)));
            key.is_some() == on_objects && permit(caller, bucket, rights).is_ok()
        }
        None => false,
    }
}

/// What an operation asks of its caller.
#[derive(Clone, Copy)]
enum Need {
    /// Any role session; the answer holds only what the caller may see.
    Identity,
    /// At least these rights in the bucket of the request.
    InBucket(Rights),
}

impl Need {
    fn of(operation: &str) -> Option<Self> {
        Some(match operation {
            "ListBuckets" => Self::Identity,
            "HeadBucket" | "GetBucketLocation" | "ListObjects" | "ListObjectsV2" | "GetObject"
            | "HeadObject" => Self::InBucket(Rights::Read),
            "PutObject"
            | "CopyObject"
            | "DeleteObject"
            | "DeleteObjects"
            | "CreateMultipartUpload"
            | "UploadPart"
            | "UploadPartCopy"
            | "ListParts"
            | "CompleteMultipartUpload"
            | "AbortMultipartUpload" => Self::InBucket(Rights::ReadWrite),
            _ => return None,
        })
    }
}

fn permit(caller: &Caller, bucket: &str, wanted: Rights) -> S3Result<()> {
    let granted = match caller {
        Caller::Server => None,
        Caller::Session { role, .. } => role.rights_in(bucket),
    };
    match (granted, wanted) {
        (Some(Rights::ReadWrite), _) | (Some(Rights::Read), Rights::Read) => Ok(()),
        _ => Err(s3_error!(AccessDenied, "the caller's role does not allow this")),
    }
}

fn may_copy_from(caller: &Caller, source: &CopySource) -> S3Result<()> {
    match source {
        CopySource::Bucket { bucket, key, version_id: None } => {
            permit(caller, bucket, Rights::Read)?;
            ordinary_key(key)
        }
        _ => Err(s3_error!(AccessDenied, "the demo copies from buckets only, and has no versions")),
    }
}

/// Refuses keys that mean something else as a path. The store below joins bucket and key to a path and only makes sure
/// that the result stays under its root, so `../other-bucket/key` would leave the bucket that was just checked.
fn ordinary_key(key: &str) -> S3Result<()> {
    let mut segments = key.strip_suffix('/').unwrap_or(key).split('/');
    if key.contains('\0') || segments.any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(s3_error!(
            InvalidArgument,
            "the demo keeps objects as files: a key must not have empty, `.` or `..` segments"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::world::PEOPLE;
    use super::*;

    #[test]
    fn a_key_cannot_climb_out_of_its_bucket() {
        for key in
            ["../lab-b-sensors/README.md", "/lab-b-sensors/README.md", "a/../../b", ".", "", "/", "a//b"]
        {
            assert!(ordinary_key(key).is_err(), "{key}");
        }
        for key in ["README.md", "growth/2025-03.csv", "folder/", "..hidden", "a/...", "ünï/code"] {
            assert!(ordinary_key(key).is_ok(), "{key}");
        }
    }

    #[test]
    fn rights_are_those_of_the_role_and_the_server_has_none() {
        let [alice, carol, bob] = [0, 1, 2]
            .map(|person: usize| Caller::Session { role: &PEOPLE[person].role, name: "test".into() });
        assert!(permit(&alice, "lab-a-plants", Rights::ReadWrite).is_ok());
        assert!(permit(&carol, "lab-a-plants", Rights::Read).is_ok());
        assert!(permit(&carol, "lab-a-plants", Rights::ReadWrite).is_err());
        assert!(permit(&carol, "lab-a-drafts", Rights::Read).is_err());
        assert!(permit(&bob, "lab-a-plants", Rights::Read).is_err());
        assert!(permit(&Caller::Server, "lab-a-plants", Rights::Read).is_err());
        assert!(permit(&alice, "no-such-bucket", Rights::Read).is_err());
    }
}
