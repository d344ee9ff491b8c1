use std::num::NonZeroUsize;

use quilt_package::hash::{Algorithm, MIN_CHUNK};
use quilt_package::{ObjectHash, hash::Mismatch};
use quilt_scope::Lazy;

use super::*;
use crate::client::canned::{Canned, Sent};
use crate::domain::object::S3Uri;
use crate::domain::principal::{Grant, Principal};
use crate::error::{ErrorCode, ToolError};
use crate::service::auth::AuthService;
use crate::service::threads::{ComputeThreads, TenantThreads};
use crate::service::turns::TurnsByTenant;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha256Chunked, Algorithm::Sha256, Algorithm::Crc64Nvme];

fn threads(count: usize) -> ComputeThreads {
    ComputeThreads::new(NonZeroUsize::new(count).expect("some")).expect("threads")
}

/// Text of more than two chunks, no two of its pieces alike.
fn text() -> String {
    let mut text: String = (0..2_500_000).map(|line| format!("{line:07}\n")).collect();
    text.truncate(17 << 20);
    text
}

fn expected(algorithm: Algorithm, bytes: &[u8]) -> ObjectHash {
    let mut hasher = algorithm.hasher(bytes.len() as u64);
    hasher.update(bytes);
    hasher.finish().expect("all of them")
}

#[tokio::test]
async fn a_pipeline_hashes_as_who_has_all_at_once() -> Result<(), ToolError> {
    let (compute, text) = (threads(1), text().into_bytes());
    let threads = TenantThreads::new(&Principal::single_user(), &compute);
    for (length, cut) in [(0, 1), (1, 1), (100_000, 7_000), (600_000, 65_536), (600_000, 600_000)] {
        for algorithm in ALGORITHMS {
            let mut pipeline = Pipeline::new(&threads, algorithm.hasher(length as u64));
            for piece in text[..length].chunks(cut) {
                pipeline.update(piece.to_vec().into()).await?;
            }
            let found = pipeline.finish().await?.finish();
            assert_eq!(found, Ok(expected(algorithm, &text[..length])), "{length} bytes by {cut}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_file_hashes_as_its_bytes() -> Result<(), Box<dyn std::error::Error>> {
    use std::io::Write as _;
    let (compute, text) = (threads(2), text().into_bytes());
    let threads = TenantThreads::new(&Principal::single_user(), &compute);
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(&text)?;
    let size = text.len() as u64;
    for algorithm in ALGORITHMS {
        let found = threads.file(file.reopen()?, size, algorithm, ToolError::internal).await?;
        assert_eq!(found, Ok(expected(algorithm, &text)));
    }
    // It lost its end since it was looked at.
    let shrunk = threads.file(file.reopen()?, size + 1, Algorithm::Sha256Chunked, ToolError::internal).await;
    assert!(shrunk.is_err(), "{shrunk:?}");
    let shrunk = threads.file(file.reopen()?, size + 1, Algorithm::Sha256, ToolError::internal).await?;
    assert_eq!(shrunk, Err(Mismatch::Size { expected: size + 1, found: size }));
    Ok(())
}

/// Hashes an object of an endpoint.
async fn object(
    canned: &Canned,
    size: u64,
    algorithm: Algorithm,
) -> Result<Result<ObjectHash, Mismatch>, ToolError> {
    let (principal, endpoints) = (Principal::single_user(), canned.endpoints());
    let credentials = Canned::credentials(&principal);
    let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
    let turns = TurnsByTenant::new(2).of(&principal);
    let uri: S3Uri = "s3://abc/large".parse().expect("a URI");
    let compute = threads(2);
    TenantThreads::new(&principal, &compute).object(auth.s3().await?, &turns, &uri, size, algorithm).await
}

#[tokio::test]
async fn a_large_object_is_read_in_chunks_that_are_all_of_one_object() -> Result<(), ToolError> {
    let text = text();
    let size = text.len() as u64;
    let canned = {
        let text = text.clone();
        Canned::answering(move |_| (200, text.clone()))
    };
    for (algorithm, requests) in [(Algorithm::Sha256Chunked, 3), (Algorithm::Sha256, 1)] {
        let found = object(&canned, size, algorithm).await?;
        assert_eq!(found, Ok(expected(algorithm, text.as_bytes())));
        let mut sent = canned.take();
        assert_eq!(sent.len(), requests, "{sent:#?}");
        sent.sort_by_key(|sent| sent.range.as_ref().map(|range| (range.len(), range.clone())));
        for (at, sent) in sent.iter().enumerate() {
            assert_eq!((sent.if_match.is_some(), sent.range.is_some()), (at > 0, requests > 1), "{sent:?}");
        }
    }
    for other in [size - 1, size + 1, 2 * MIN_CHUNK + 1] {
        let found = object(&canned, other, Algorithm::Sha256Chunked).await?;
        assert_eq!(found, Err(Mismatch::Size { expected: other, found: size }));
    }
    Ok(())
}

#[tokio::test]
async fn chunks_of_an_object_that_changes_are_not_put_together() {
    let text = text();
    let size = text.len() as u64;
    let changed =
        |sent: &Sent| sent.range.as_deref().is_some_and(|range| range.starts_with("bytes=16777216-"));
    let canned = Canned::answering(move |sent| match changed(sent) {
        true => (412, "<Error><Code>PreconditionFailed</Code></Error>".to_owned()),
        false => (200, text.clone()),
    });
    let error = object(&canned, size, Algorithm::Sha256Chunked).await.expect_err("it changed");
    assert_eq!(error.code(), ErrorCode::Conflict, "{error:?}");
}
