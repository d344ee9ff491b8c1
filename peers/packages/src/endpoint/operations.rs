//! S3's operations, as far as packages need them.

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::TryStreamExt as _;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use sha2::{Digest as _, Sha256};

use super::content::{Content, base64};
use super::store::{Object as Stored, Store, Upload};

#[async_trait]
impl S3 for Store {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let object = self.object(&input.bucket, &input.key)?;
        let e_tag = object.e_tag();
        let (whole, mut content, mut content_range) = (object.content.size(), object.content, None);
        if let Some(range) = input.range {
            let range = range.check(whole).map_err(|_| s3_error!(InvalidRange))?;
            content_range = Some(format!("bytes {}-{}/{whole}", range.start, range.end - 1));
            content = content.slice(range);
        }
        Ok(S3Response::new(GetObjectOutput {
            content_length: Some(length(&content)),
            body: Some(content.stream()),
            content_range,
            accept_ranges: Some("bytes".to_owned()),
            e_tag,
            last_modified: Some(object.written),
            metadata: object.metadata,
            ..Default::default()
        }))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.object(&request.input.bucket, &request.input.key)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: Some(length(&object.content)),
            accept_ranges: Some("bytes".to_owned()),
            e_tag: object.e_tag(),
            checksum_sha256: object.checksum.filter(|_| request.input.checksum_mode.is_some()),
            last_modified: Some(object.written),
            metadata: object.metadata,
            ..Default::default()
        }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let most = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap_or(0).min(1000);
        // What comes after a folder is after everything in it.
        let token = input.continuation_token.as_deref().map(from_token).transpose()?;
        let mut from = token.or(input.start_after).unwrap_or(prefix.clone());
        let (mut contents, mut folders, mut next) = (Vec::new(), Vec::new(), None);
        let buckets = self.buckets();
        let bucket = buckets.get(&input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        while let Some((key, object)) = bucket.range(from.clone()..).next() {
            let Some(rest) = key.strip_prefix(&prefix) else { break };
            if contents.len() + folders.len() == most {
                next = Some(to_token(&from));
                break;
            }
            let folder = input.delimiter.as_ref().and_then(|by| rest.find(by).map(|at| at + by.len()));
            match folder {
                Some(end) => {
                    let folder = &key[..prefix.len() + end];
                    folders.push(CommonPrefix { prefix: Some(folder.to_owned()) });
                    from = format!("{folder}\u{10ffff}");
                }
                None => {
                    contents.push(listed(key, object));
                    from = format!("{key}\0");
                }
            }
        }
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(prefix),
            delimiter: input.delimiter,
            key_count: i32::try_from(contents.len() + folders.len()).ok(),
            max_keys: i32::try_from(most).ok(),
            is_truncated: Some(next.is_some()),
            next_continuation_token: next,
            continuation_token: input.continuation_token,
            contents: Some(contents),
            common_prefixes: Some(folders),
            ..Default::default()
        }))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        self.hold(&input.bucket, &input.key, input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let content = received(input.body).await?;
        let checksum = Some(base64(&content.sha256()));
        let object = self.put(&input.bucket, &input.key, content, checksum, input.metadata);
        Ok(S3Response::new(PutObjectOutput {
            e_tag: object.e_tag(),
            checksum_sha256: object.checksum,
            ..Default::default()
        }))
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = request.input;
        let original = self.original(&input.copy_source)?;
        let checksum = Some(base64(&original.content.sha256()));
        let object = self.put(&input.bucket, &input.key, original.content, checksum, original.metadata);
        let result = CopyObjectResult {
            e_tag: object.e_tag(),
            checksum_sha256: object.checksum,
            last_modified: Some(object.written),
            ..Default::default()
        };
        Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let (id, input) = (self.unique(), request.input);
        self.uploads().insert(id.clone(), Upload { metadata: input.metadata, ..Upload::default() });
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            ..Default::default()
        }))
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        let digest = self.part(&input.upload_id, input.part_number, received(input.body).await?)?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(self.unique())),
            checksum_sha256: Some(base64(&digest)),
            ..Default::default()
        }))
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let input = request.input;
        let mut content = self.original(&input.copy_source)?.content;
        if let Some(range) = input.copy_source_range {
            let range = Range::parse(&range).map_err(|_| s3_error!(InvalidRange))?;
            content = content.slice(range.check(content.size()).map_err(|_| s3_error!(InvalidRange))?);
        }
        let digest = self.part(&input.upload_id, input.part_number, content)?;
        let result = CopyPartResult {
            e_tag: Some(ETag::Strong(self.unique())),
            checksum_sha256: Some(base64(&digest)),
            ..Default::default()
        };
        Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        self.hold(&input.bucket, &input.key, input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let upload = self.uploads().remove(&input.upload_id).ok_or_else(|| s3_error!(NoSuchUpload))?;
        let (mut content, mut digests) = (Content::default(), Sha256::new());
        for (part, digest) in upload.parts.values() {
            content.append(part);
            digests.update(digest);
        }
        let checksum = format!("{}-{}", base64(&digests.finalize().into()), upload.parts.len());
        let object = self.put(&input.bucket, &input.key, content, Some(checksum), upload.metadata);
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: object.e_tag(),
            checksum_sha256: object.checksum,
            ..Default::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.uploads().remove(&request.input.upload_id);
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

impl Store {
    /// Refuses a write whose condition does not hold.
    fn hold(
        &self,
        bucket: &str,
        key: &str,
        only: Option<&ETagCondition>,
        not: Option<&ETagCondition>,
    ) -> S3Result<()> {
        let there = self.object(bucket, key).ok().and_then(|object| object.e_tag());
        let holds = match (only.map(ETagCondition::as_etag), not, there) {
            (Some(Some(wanted)), _, Some(there)) => wanted.strong_cmp(&there),
            (Some(_), _, there) => there.is_some(),
            (None, Some(_), there) => there.is_none(),
            (None, None, _) => true,
        };
        if holds { Ok(()) } else { Err(s3_error!(PreconditionFailed)) }
    }

    fn original(&self, from: &CopySource) -> S3Result<Stored> {
        match from {
            CopySource::Bucket { bucket, key, .. } => self.object(bucket, key),
            _ => Err(s3_error!(NotImplemented)),
        }
    }

    fn part(&self, upload: &str, number: i32, content: Content) -> S3Result<[u8; 32]> {
        let digest = content.sha256();
        let mut uploads = self.uploads();
        let upload = uploads.get_mut(upload).ok_or_else(|| s3_error!(NoSuchUpload))?;
        upload.parts.insert(number, (content, digest));
        Ok(digest)
    }
}

async fn received(body: Option<StreamingBlob>) -> S3Result<Content> {
    let mut content = Content::default();
    if let Some(mut body) = body {
        while let Some(bytes) = body.try_next().await.map_err(|_| s3_error!(IncompleteBody))? {
            content.push(bytes);
        }
    }
    Ok(content)
}

/// Keys may hold what XML may not.
fn to_token(key: &str) -> String {
    BASE64_STANDARD.encode(key)
}

fn from_token(token: &str) -> S3Result<String> {
    let key = BASE64_STANDARD.decode(token).ok().and_then(|key| String::from_utf8(key).ok());
    key.ok_or_else(|| s3_error!(InvalidArgument))
}

fn listed(key: &str, object: &Stored) -> Object {
    Object {
        key: Some(key.to_owned()),
        size: Some(length(&object.content)),
        e_tag: object.e_tag(),
        last_modified: Some(object.written.clone()),
        ..Default::default()
    }
}

fn length(content: &Content) -> i64 {
    i64::try_from(content.size()).unwrap_or(i64::MAX)
}
