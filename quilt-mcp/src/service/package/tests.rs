use quilt_scope::Lazy;

use super::*;
use crate::client::canned::{Canned, Sent};
use crate::domain::package::{PackageName, RevisionRef};
use crate::domain::principal::{Grant, Principal};
use crate::service::threads::{ComputeThreads, TenantThreads};

/// Runs `$body` with a [`PackageService`] over `$canned`.
macro_rules! with_service {
    ($canned:expr, |$service:ident| $body:expr) => {{
        let (principal, endpoints, progress) =
            (Principal::single_user(), $canned.endpoints(), Progress::none());
        let credentials = Canned::credentials(&principal);
        let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
        let (turns, compute) = (TurnsByTenant::new(8), ComputeThreads::of_this_machine().expect("threads"));
        let threads = TenantThreads::new(&principal, &compute);
        let $service = PackageService::new(&auth, &progress, &turns, &threads);
        $body.await
    }};
}

fn registry() -> BucketName {
    "abc".parse().expect("a name")
}

fn name() -> PackageName {
    "lab/run".parse().expect("a name")
}

fn folders(prefixes: &[&str], next: Option<&str>) -> (u16, String) {
    let listed: String = prefixes
        .iter()
        .map(|prefix| format!("<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>"))
        .collect();
    let next = next.map_or("<IsTruncated>false</IsTruncated>".to_owned(), |token| {
        format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>")
    });
    (200, format!("<ListBucketResult><EncodingType>url</EncodingType>{next}{listed}</ListBucketResult>"))
}

#[tokio::test]
async fn namespaces_come_in_pages_and_what_is_no_package_is_left_out() -> Result<(), ToolError> {
    let canned = Canned::answering(|sent: &Sent| {
        let uri = &sent.uri;
        let below = |folder: &str| {
            uri.contains(&format!("named_packages%2F{folder}%2F&"))
                || uri.ends_with(&format!("named_packages%2F{folder}%2F"))
        };
        if below("a") {
            folders(&[".quilt/named_packages/a/x/", ".quilt/named_packages/a/not+a+name/"], None)
        } else if below("b") {
            folders(&[".quilt/named_packages/b/y/", ".quilt/named_packages/b/z/"], None)
        } else if uri.contains("continuation-token=two") {
            folders(&[".quilt/named_packages/b/"], None)
        } else {
            folders(&[".quilt/named_packages/a/"], Some("two"))
        }
    });
    let all = with_service!(canned, |s| s.list(&registry(), "", 100))?;
    let names: Vec<String> = all.names.iter().map(ToString::to_string).collect();
    assert_eq!((names, all.truncated), (vec!["a/x".into(), "b/y".into(), "b/z".into()], false));
    let two = with_service!(canned, |s| s.list(&registry(), "", 2))?;
    assert_eq!((two.names.len(), two.truncated), (2, true));
    Ok(())
}

fn manifests(hashes: &[String]) -> (u16, String) {
    let listed: String =
        hashes.iter().map(|hash| format!("<Contents><Key>.quilt/packages/{hash}</Key></Contents>")).collect();
    (200, format!("<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"))
}

#[tokio::test]
async fn the_beginning_of_a_hash_must_fit_one_revision() {
    let wanted = RevisionRef::try_from("abcdef".to_owned()).expect("a revision");
    let hash = |last: &str| format!("abcdef{}{last}", "0".repeat(57));
    for (stored, outcome) in [
        (vec![], Err(ErrorCode::NotFound)),
        (vec![hash("1")], Ok(())),
        (vec![hash("1"), hash("2")], Err(ErrorCode::InvalidInput)),
    ] {
        let canned = Canned::answering(move |_| manifests(&stored));
        let found = with_service!(canned, |s| s.revision(&registry(), &name(), &wanted));
        assert_eq!(found.map(drop).map_err(|error| error.code()), outcome);
    }
}

#[tokio::test]
async fn a_pointer_that_holds_no_hash_is_not_followed() {
    let canned = Canned::answering(|_| (200, "../../etc/passwd".into()));
    let found = with_service!(canned, |s| s.revision(&registry(), &name(), &RevisionRef::Latest));
    assert_eq!(found.map_err(|error| error.code()).err(), Some(ErrorCode::InvalidState));
    assert_eq!(canned.requests().len(), 1);
}

#[test]
fn an_entry_that_nobody_else_can_read_is_said_to_be_so() {
    for key in ["file:///home/ana/a.csv", "s3://UPPER/a.csv"] {
        let refused = object_of(&key.parse().expect("a physical key")).expect_err("not readable");
        assert_eq!(refused.code(), ErrorCode::InvalidState, "{key}");
    }
}
