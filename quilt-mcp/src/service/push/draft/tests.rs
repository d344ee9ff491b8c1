use std::io::Write as _;

use quilt_scope::Lazy;

use super::*;
use crate::client::canned::Canned;
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::Progress;
use crate::service::auth::AuthService;
use crate::service::package::PackageService;
use crate::service::threads::{ComputeThreads, TenantThreads};
use crate::service::turns::TurnsByTenant;

const BEGUN: &str = "<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>";
const TAKEN: &str = "<Error><Code>PreconditionFailed</Code></Error>";

/// Stores a manifest of so many bytes where completing parts is answered with `status`, then closes the service. The
/// outcome, and the requests as method and query.
async fn stored(bytes: usize, status: u16) -> Result<(Attempt, Vec<String>), ToolError> {
    let canned = Canned::answering(move |sent| match sent.method.as_str() {
        "POST" if sent.uri.contains("uploads") => (200, BEGUN.into()),
        "POST" if status != 200 => (status, TAKEN.into()),
        "POST" => (200, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>".into()),
        _ => (200, String::new()),
    });
    let (principal, endpoints, progress) = (Principal::single_user(), canned.endpoints(), Progress::none());
    let credentials = Canned::credentials(&principal);
    let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
    let (turns, compute) = (TurnsByTenant::new(1), ComputeThreads::of_this_machine().expect("threads"));
    let threads = TenantThreads::new(&principal, &compute);
    let packages = PackageService::new(&auth, &progress, &turns, &threads);
    let service = PushService::new(&auth, &packages, &progress, &turns, &threads);
    let mut spool = SpooledTempFile::new(PART);
    spool.write_all(&vec![7; bytes]).expect("a temporary file");
    let top_hash = "0".repeat(64).parse().expect("a hash");
    let mut draft = Draft { spool, bytes: bytes as u64, top_hash };
    let uri: S3Uri = "s3://abc/manifest".parse().expect("a URI");
    let attempt = service.store(auth.s3().await?, &mut draft, &uri, Condition::Absent).await?;
    service.abandon().await;
    let sent = canned.requests().into_iter().map(|sent| {
        let query = sent.uri.split_once('?').map_or("", |(_, query)| query).to_owned();
        format!("{} {query}", sent.method)
    });
    Ok((attempt, sent.collect()))
}

fn count(sent: &[String], method: &str, word: &str) -> usize {
    sent.iter().filter(|sent| sent.starts_with(method) && sent.contains(word)).count()
}

#[tokio::test]
async fn a_small_manifest_goes_at_once_and_a_large_one_in_parts() -> Result<(), ToolError> {
    let (_, small) = stored(PART, 200).await?;
    assert_eq!((small.len(), count(&small, "PUT", "partNumber")), (1, 0), "{small:?}");
    let (_, large) = stored(2 * PART + 1, 200).await?;
    assert_eq!((large.len(), count(&large, "PUT", "partNumber")), (5, 3), "{large:?}");
    Ok(())
}

#[tokio::test]
async fn parts_of_what_was_refused_are_thrown_away() -> Result<(), ToolError> {
    let (attempt, sent) = stored(PART + 1, 412).await?;
    assert_eq!(attempt, Attempt::Refused);
    assert_eq!(count(&sent, "DELETE", "uploadId=one"), 1, "{sent:?}");
    Ok(())
}
