//! The embedded S3's store: `s3s-fs`, and what it lacks to look like S3 to the tools.
//!
//! It adds: buckets listed for the one who asks, entity tags in listings, "no such key" for a folder and "no such version"
//! for any version (there are none), and a clear refusal of a key that cannot be a file beside the existing ones.
//! Missing all the same: versioning, tags, ACLs, and checksums of multipart uploads.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use http::{Extensions, HeaderMap, Method, Uri};
use s3s::dto::*;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

use super::access::caller;
use super::keys::Caller;
use super::world::{self, Sample};

/// The buckets of the demo, as directories under one root.
pub(super) struct Buckets {
    root: PathBuf,
    files: FileSystem,
}

impl Buckets {
    /// The buckets of the demo's world under `root`, with their sample data.
    pub(super) async fn create(root: &Path) -> Result<Self, String> {
        for bucket in world::buckets() {
            tokio::fs::create_dir_all(root.join(bucket)).await.map_err(|error| error.to_string())?;
        }
        let files = FileSystem::new(root).map_err(|error| format!("{error:?}"))?;
        let buckets = Self { root: root.to_owned(), files };
        for sample in &world::SAMPLES {
            buckets.store(sample).await.map_err(|error| format!("{}: {error}", sample.key))?;
        }
        Ok(buckets)
    }

    async fn store(&self, sample: &Sample) -> S3Result<()> {
        let input = PutObjectInput {
            bucket: sample.bucket.into(),
            key: sample.key.into(),
            content_type: Some(sample.content_type.into()),
            body: Some(StreamingBlob::from(Body::from(sample.text.to_owned()))),
            ..PutObjectInput::default()
        };
        self.files.put_object(own_request(input)).await.map(drop)
    }

    fn path(&self, bucket: &str, key: &str) -> PathBuf {
        self.root.join(bucket).join(key)
    }

    /// A folder is no object, and there are no versions to ask for.
    fn readable(&self, bucket: &str, key: &str, version: Option<&str>) -> S3Result<()> {
        if self.path(bucket, key).is_dir() {
            return Err(s3_error!(NoSuchKey, "there is no object of this key"));
        }
        match version {
            None | Some("null") => Ok(()),
            Some(_) => Err(s3_error!(NoSuchVersion, "the buckets of the demo have no versions")),
        }
    }

    /// A key and a folder of the same name can both exist in S3, but not in a directory.
    fn writable(&self, bucket: &str, key: &str) -> S3Result<()> {
        let path = self.path(bucket, key);
        let below_a_file =
            path.ancestors().skip(1).take_while(|parent| *parent != self.root).any(Path::is_file);
        if below_a_file || (path.is_dir() && !key.ends_with('/')) {
            return Err(s3_error!(
                InvalidArgument,
                "the demo keeps objects as files: a key cannot be both an object and a folder of other objects"
            ));
        }
        Ok(())
    }

    async fn with_entity_tags(&self, bucket: &str, objects: &mut Option<Vec<Object>>) {
        for object in objects.iter_mut().flatten() {
            let Some(key) = object.key.clone() else { continue };
            let input = HeadObjectInput { bucket: bucket.into(), key, ..HeadObjectInput::default() };
            // The object may be gone by now; it was there when it was listed.
            if let Ok(head) = self.files.head_object(own_request(input)).await {
                object.e_tag = head.output.e_tag;
            }
        }
    }
}

#[async_trait]
impl S3 for Buckets {
    async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        let caller = caller(&request.extensions)?.clone();
        let mut answer = self.files.list_buckets(request).await?;
        if let Some(buckets) = &mut answer.output.buckets {
            buckets.retain(|bucket| match (&caller, &bucket.name) {
                (Caller::Session { role, .. }, Some(name)) => role.rights_in(name).is_some(),
                _ => false,
            });
            buckets.sort_by(|one, other| one.name.cmp(&other.name));
        }
        Ok(answer)
    }

    async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let bucket = request.input.bucket.clone();
        let mut answer = self.files.list_objects(request).await?;
        self.with_entity_tags(&bucket, &mut answer.output.contents).await;
        Ok(answer)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let bucket = request.input.bucket.clone();
        let mut answer = self.files.list_objects_v2(request).await?;
        self.with_entity_tags(&bucket, &mut answer.output.contents).await;
        Ok(answer)
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        let mut answer = self.files.head_bucket(request).await?;
        answer.output.bucket_region = Some(world::REGION.into());
        Ok(answer)
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.files.get_bucket_location(request).await
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = &request.input;
        self.readable(&input.bucket, &input.key, input.version_id.as_deref())?;
        self.files.get_object(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = &request.input;
        self.readable(&input.bucket, &input.key, input.version_id.as_deref())?;
        self.files.head_object(request).await
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        self.writable(&request.input.bucket, &request.input.key)?;
        self.files.put_object(request).await
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        if let CopySource::Bucket { bucket, key, version_id } = &request.input.copy_source {
            self.readable(bucket, key, version_id.as_deref())?;
        }
        self.writable(&request.input.bucket, &request.input.key)?;
        self.files.copy_object(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        if self.path(&request.input.bucket, &request.input.key).is_dir() {
            return Ok(S3Response::new(DeleteObjectOutput::default()));
        }
        self.files.delete_object(request).await
    }

    async fn delete_objects(
        &self,
        mut request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let bucket = request.input.bucket.clone();
        request.input.delete.objects.retain(|object| !self.path(&bucket, &object.key).is_dir());
        self.files.delete_objects(request).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.writable(&request.input.bucket, &request.input.key)?;
        self.files.create_multipart_upload(request).await
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        self.files.upload_part(request).await
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        self.files.upload_part_copy(request).await
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        self.files.list_parts(request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        self.writable(&request.input.bucket, &request.input.key)?;
        self.files.complete_multipart_upload(request).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.files.abort_multipart_upload(request).await
    }
}

/// A request that the endpoint makes of its own store, behind the gate.
fn own_request<T>(input: T) -> S3Request<T> {
    S3Request {
        input,
        method: Method::GET,
        uri: Uri::default(),
        headers: HeaderMap::new(),
        extensions: Extensions::new(),
        credentials: None,
        region: None,
        service: None,
        trailing_headers: None,
    }
}
