//! A copy that is not what was copied: it is found, whether it was made whole or in parts, and nothing of it becomes visible.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::substrate::Rule;
use serde_json::json;

use super::faults::nothing_is_wrong;
use super::{ask, creating, merged, put};
use crate::stage::Stage;

const MIB: usize = 1 << 20;
const OTHER: &str = "raw/other.bin";

/// Bytes of which no two parts are alike.
fn bytes(size: usize) -> Vec<u8> {
    (0u32..).flat_map(u32::to_le_bytes).take(size).collect()
}

/// An object of which S3 has a SHA-256.
async fn put_whole(stage: &Stage, key: &str, body: Vec<u8>) -> Result<()> {
    let put = stage.world.substrate.s3().put_object().bucket(&stage.person("ada").bucket).key(key);
    put.checksum_algorithm(ChecksumAlgorithm::Sha256).body(ByteStream::from(body)).send().await?;
    Ok(())
}

/// An object in parts of these sizes, of each of which S3 has a SHA-256.
async fn put_in_parts(stage: &Stage, key: &str, body: &[u8], sizes: &[usize]) -> Result<()> {
    let (s3, bucket) = (stage.world.substrate.s3(), &stage.person("ada").bucket);
    let begun = s3.create_multipart_upload().bucket(bucket).key(key);
    let begun = begun.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await?;
    let id = begun.upload_id().ok_or("an upload has a name")?;
    let (mut start, mut parts) = (0, Vec::new());
    for (number, size) in (1..).zip(sizes) {
        let part = ByteStream::from(body[start..start + size].to_vec());
        let sent = s3.upload_part().bucket(bucket).key(key).upload_id(id).part_number(number);
        let sent = sent.checksum_algorithm(ChecksumAlgorithm::Sha256).body(part).send().await?;
        let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag);
        parts.push(part.set_checksum_sha256(sent.checksum_sha256).build());
        start += size;
    }
    assert_eq!(start, body.len(), "the parts are all of it");
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    s3.complete_multipart_upload()
        .bucket(bucket)
        .key(key)
        .upload_id(id)
        .multipart_upload(parts)
        .send()
        .await?;
    Ok(())
}

/// A push of `key` while the endpoint copies another object of the same size is refused, and one afterwards is not.
async fn is_found(stage: &Stage, client: &Client, key: &str) -> Result<()> {
    let ada = stage.person("ada");
    let arguments =
        creating(ada, json!({"s3_uris": [format!("s3://{}/{key}", ada.bucket)], "copy_mode": "all"}));
    let copying = Rule::on("s3:PutObject").in_bucket(&ada.bucket).on_key("lab/run/*").copies(OTHER);
    let fault = stage.world.substrate.inject(copying).await?;
    let refused = client.call("package_create", arguments.clone()).await?;
    assert!(fault.lift().await? > 0, "{key}: nothing was copied");
    assert_eq!(refused.error_code(), Some("unavailable"), "{key}: {}", refused.everything());
    assert!(refused.everything().contains("is not what was copied"), "{key}: {}", refused.everything());
    nothing_is_wrong(client, ada, None, key).await?;
    let copied = ask(client, "package_create", arguments.clone()).await?;
    // Not what was left in the place: the same package as one that refers to the original.
    let refers = merged(arguments, json!({"copy_mode": "none", "force": true}));
    let referring = ask(client, "package_create", refers).await?;
    assert_eq!(copied.structured["top_hash"], referring.structured["top_hash"], "{key}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_copy_is_compared_with_its_original() -> Result<()> {
    let stage = Stage::of_two().await?;
    put_whole(&stage, "raw/small.bin", bytes(4096)).await?;
    put(&stage, stage.person("ada"), OTHER, vec![7; 4096]).await?;
    is_found(&stage, &stage.client("ada").await?, "raw/small.bin").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_parts_is_compared_with_an_original_in_equal_parts() -> Result<()> {
    let stage = Stage::of_two().await?;
    put_in_parts(&stage, "raw/large.bin", &bytes(17 * MIB), &[8 * MIB, 8 * MIB, MIB]).await?;
    put(&stage, stage.person("ada"), OTHER, vec![7; 17 * MIB]).await?;
    is_found(&stage, &stage.client("ada").await?, "raw/large.bin").await
}

/// As many parts are not the same parts: then the checksum says nothing, and the bytes are read.
#[tokio::test(flavor = "multi_thread")]
async fn an_original_in_as_many_parts_of_other_sizes_is_copied_all_the_same() -> Result<()> {
    let stage = Stage::of_two().await?;
    put_in_parts(&stage, "raw/large.bin", &bytes(17 * MIB), &[5 * MIB, 6 * MIB, 6 * MIB]).await?;
    put(&stage, stage.person("ada"), OTHER, vec![7; 17 * MIB]).await?;
    is_found(&stage, &stage.client("ada").await?, "raw/large.bin").await
}
