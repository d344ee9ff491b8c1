use std::time::{Duration, SystemTime};

use super::link::link_lifetime;
use super::*;
use crate::client::canned::Canned;
use crate::domain::principal::Principal;

fn client(canned: &Canned) -> S3Client {
    canned.endpoints().s3(&Canned::credentials(&Principal::single_user()))
}

fn uri(text: &str) -> S3Uri {
    text.parse().expect("a URI")
}

#[tokio::test]
async fn a_listing_is_decoded_and_signed_by_the_caller() -> Result<(), ToolError> {
    let canned = Canned::answering(|_| {
        (
            200,
            "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
            <NextContinuationToken>next</NextContinuationToken><Contents><Key>a%2Bb+c/%E4%BD%A0</Key>\
            <Size>3</Size><ETag>&quot;e&quot;</ETag></Contents></ListBucketResult>"
                .into(),
        )
    });
    let page = client(&canned).list(&"abc".parse().expect("name"), &KeyPrefix::default(), 10, None).await?;
    assert_eq!(page.objects[0].key.as_str(), "a+b c/你");
    assert_eq!(page.objects[0].etag.as_deref(), Some("e"));
    assert_eq!(page.next.as_deref(), Some("next"));
    let sent = canned.requests().pop().expect("one request");
    assert!(sent.signed_by("AKIAlocal"));
    assert!(sent.user_agent.contains("app/quilt-mcp-"), "{}", sent.user_agent);
    assert!(sent.uri.starts_with("http://aws.test/abc/?"), "{}", sent.uri);
    Ok(())
}

#[tokio::test]
async fn keys_that_were_not_encoded_are_left_alone() -> Result<(), ToolError> {
    let canned = Canned::answering(|_| {
        (200, "<ListBucketResult><Contents><Key>a+b%20</Key></Contents></ListBucketResult>".into())
    });
    let page = client(&canned).list(&"abc".parse().expect("name"), &KeyPrefix::default(), 10, None).await?;
    assert_eq!(page.objects[0].key.as_str(), "a+b%20");
    assert_eq!(page.next, None);
    Ok(())
}

#[tokio::test]
async fn head_answers_without_a_body_are_understood() {
    for (status, expected) in [(404, ErrorCode::NotFound), (403, ErrorCode::AccessDenied)] {
        let canned = Canned::answering(move |_| (status, String::new()));
        let error = client(&canned).head(&uri("s3://abc/key")).await.expect_err("refused");
        assert_eq!(error.code(), expected);
        assert!(error.message().contains("s3://abc/key"), "{error}");
    }
}

#[tokio::test]
async fn content_is_read_up_to_the_limit() -> Result<(), ToolError> {
    for (limit, expected, truncated) in [(4, "0123", true), (5, "01234", false), (6, "01234", false)] {
        let canned = Canned::answering(|_| (200, "01234".into()));
        let content = client(&canned).get(&uri("s3://abc/key"), limit).await?;
        assert_eq!((content.bytes.as_slice(), content.truncated), (expected.as_bytes(), truncated));
    }
    Ok(())
}

#[tokio::test]
async fn a_link_is_signed_by_the_caller_without_a_call() -> Result<(), ToolError> {
    let canned = Canned::answering(|_| (500, String::new()));
    let link = client(&canned).sign(&uri("s3://abc/a b?versionId=v1"), Duration::from_secs(60)).await?;
    for part in
        ["http://aws.test/abc/a%20b?", "X-Amz-Credential=AKIAlocal%2F", "X-Amz-Expires=60", "versionId=v1"]
    {
        assert!(link.url.contains(part), "{part} is not in {}", link.url);
    }
    assert!(canned.requests().is_empty());
    Ok(())
}

#[test]
fn a_link_does_not_outlive_the_credentials() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
    let minute = Duration::from_secs(60);
    let lifetime =
        |left: u64| link_lifetime(now, minute, Some(now + Duration::from_secs(left))).map_err(|e| e.code());
    assert_eq!(lifetime(30), Ok(Duration::from_secs(30)));
    assert_eq!(lifetime(600), Ok(minute));
    assert_eq!(lifetime(0), Err(ErrorCode::CredentialsUnavailable));
    assert!(link_lifetime(now, minute, Some(now - minute)).is_err());
    assert!(link_lifetime(now, minute, None).is_ok());
    let week = Duration::from_hours(7 * 24);
    for (wanted, expected) in [(week, true), (week + Duration::from_secs(1), false), (Duration::ZERO, false)]
    {
        assert_eq!(link_lifetime(now, wanted, None).is_ok(), expected, "{wanted:?}");
    }
}

#[tokio::test]
async fn the_location_is_asked_for_when_head_does_not_tell() {
    let canned = Canned::answering(|sent| {
        if sent.method == "HEAD" {
            (403, String::new())
        } else {
            (200, "<LocationConstraint>EU</LocationConstraint>".into())
        }
    });
    let region = client(&canned).bucket_region(&"abc".parse().expect("name")).await;
    assert_eq!(region.as_deref(), Some("eu-west-1"));
}
