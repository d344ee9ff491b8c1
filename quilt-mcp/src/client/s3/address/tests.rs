use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::Credentials;
use aws_sdk_s3::config::{BehaviorVersion, Builder, Region};
use proptest::prelude::*;

use super::*;
use crate::client::AwsEndpoints;
use crate::client::canned::Canned;
use crate::client::s3::S3Client;
use crate::domain::object::ObjectKey;
use crate::domain::principal::Principal;

fn an_hour() -> Validity {
    Validity {
        from: SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000),
        length: Duration::from_secs(3600),
    }
}

fn client(region: &str, session: Option<&str>, of: impl FnOnce(Builder) -> Builder) -> S3Client {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", session.map(ToOwned::to_owned), None, "test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .disable_s3_express_session_auth(true)
        .credentials_provider(credentials.clone());
    S3Client::new(aws_sdk_s3::Client::from_conf(of(config).build()), credentials)
}

fn uri(bucket: &str, key: &str, version: Option<&str>) -> S3Uri {
    let key = ObjectKey::try_from(key.to_owned()).expect("a key");
    let uri = S3Uri::new(bucket.parse().expect("a bucket"), key);
    match version {
        Some(version) => uri.with_version(version).expect("a version"),
        None => uri,
    }
}

/// One endpoint and session token after the other, with a bucket there.
fn everywhere() -> Vec<(&'static str, S3Client)> {
    vec![
        ("a-bucket", client("us-east-1", None, |config| config)),
        ("a.bucket.with.dots", client("eu-west-1", Some("a/token+with=signs"), |config| config)),
        (
            "a-bucket",
            client("us-gov-west-1", Some("token"), |config| config.use_fips(true).use_dual_stack(true)),
        ),
        ("a-bucket", client("cn-north-1", None, |config| config.use_dual_stack(true))),
        ("a-bucket", client("eu-west-1", None, |config| config.accelerate(true))),
        ("a-bucket--usw2-az1--x-s3", client("us-west-2", Some("token"), |config| config)),
        (
            "a-bucket",
            client("us-east-1", None, |config| {
                config.endpoint_url("http://127.0.0.1:9000/behind/a/path").force_path_style(true)
            }),
        ),
    ]
}

async fn learned(bucket: &str, client: &S3Client) -> Option<BucketAddress> {
    let uri = uri(bucket, "the/first (of all).csv", None);
    let url = client.signed_by_the_sdk(&uri, an_hour()).await.expect("signs");
    BucketAddress::learned_from(&SdkLink { url, uri, validity: an_hour() }, &client.identity)
}

#[tokio::test]
async fn links_are_those_of_the_sdk_everywhere() {
    for (bucket, client) in everywhere() {
        let address = learned(bucket, &client).await.expect(bucket);
        for key in [
            "a",
            "a b+c%20/ä你/🦀",
            "/a//b/",
            "../..",
            "a?b=c&d#e",
            "*'()!~;:@$,\\\"<>[]{}|^`",
            "a\tb\u{7f}\nc",
        ] {
            for version in [None, Some("v1"), Some("a/b+c=")] {
                let uri = uri(bucket, key, version);
                let expected = client.signed_by_the_sdk(&uri, an_hour()).await.expect("signs");
                assert_eq!(address.link(&uri, &client.identity, an_hour()), Some(expected));
            }
        }
    }
}

proptest! {
    #[test]
    fn links_are_those_of_the_sdk_for_every_key(key in "(?s).{1,200}", version in "[A-Za-z0-9._~+/=-]{1,40}", hours in 1..168_u64, endpoint in 0..2_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (bucket, client) = everywhere().swap_remove(endpoint);
        let uri = uri(bucket, &key, Some(&version));
        let validity = Validity { length: Duration::from_secs(hours * 3600), ..an_hour() };
        let (address, expected) = runtime.block_on(async {
            (learned(bucket, &client).await.expect("an address"), client.signed_by_the_sdk(&uri, validity).await.expect("signs"))
        });
        prop_assert_eq!(address.link(&uri, &client.identity, validity), Some(expected));
    }
}

/// An address is taken only if it would have made the link that it was learned from.
#[tokio::test]
async fn a_link_that_would_be_another_teaches_nothing() {
    let (bucket, client) = everywhere().swap_remove(0);
    let first = uri(bucket, "key", None);
    let link = client.signed_by_the_sdk(&first, an_hour()).await.expect("signs");
    let taught_by = |url: &str, uri: &S3Uri| {
        let link = SdkLink { url: url.to_owned(), uri: uri.clone(), validity: an_hour() };
        BucketAddress::learned_from(&link, &client.identity).is_some()
    };
    assert!(taught_by(&link, &first));
    assert!(!taught_by(&link, &uri(bucket, "other", None)));
    assert!(!taught_by(&link, &uri(bucket, "key", Some("v1"))));
    assert!(!taught_by(&link.replace("us-east-1", "us-east-2"), &first));
    assert!(!taught_by(&link.replace("x-id=GetObject", "x-id=GetObject&more=1"), &first));
    assert!(!taught_by("https://a-bucket.s3.amazonaws.com/key", &first));
    assert!(!taught_by("no URL?key", &first));
}

/// Which of the two ways was taken is seen by an address that only one of them takes.
#[tokio::test]
async fn the_sdk_is_asked_for_a_buckets_first_link_only() {
    let client =
        AwsEndpoints::at("http://aws.test", "us-east-1").s3(&Canned::credentials(&Principal::single_user()));
    let (known, other) = (uri("a-bucket", "key", None), uri("another-bucket", "key", None));
    let minute = Duration::from_secs(60);
    let link = client.sign(&known, minute).await.expect("signs");
    assert!(link.url.starts_with("http://aws.test/a-bucket/key?"), "{}", link.url);
    assert!(
        matches!(client.addresses.lock()[known.bucket()], Known::Link(_)),
        "nobody has asked for a second"
    );
    let learned = client.addresses.of(known.bucket(), &client.identity);
    assert!(learned.is_some(), "what the server's own clients sign teaches");
    let elsewhere = BucketAddress {
        base: "http://elsewhere.test/".into(),
        region: "us-east-1".into(),
        service: "s3".into(),
    };
    client.addresses.lock().insert(known.bucket().clone(), Known::Address(Some(elsewhere.into())));
    let link = client.sign(&known, minute).await.expect("signs");
    assert!(link.url.starts_with("http://elsewhere.test/key?"), "{}", link.url);
    client.addresses.keep(known.bucket(), || unreachable!("it is known"));
    let link = client.sign(&known, minute).await.expect("signs");
    assert!(link.url.starts_with("http://elsewhere.test/key?"), "what is known stays: {}", link.url);
    client.addresses.lock().insert(other.bucket().clone(), Known::Address(None));
    let link = client.sign(&other, minute).await.expect("signs");
    assert!(link.url.starts_with("http://aws.test/another-bucket/key?"), "{}", link.url);
}

/// Nothing in signing waits, so it has to be made to.
#[tokio::test]
async fn many_links_leave_turns_to_others() {
    let client = client("us-east-1", None, |config| config);
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let minute = Duration::from_secs(60);
    assert!(client.sign(&uri("a-bucket", "first", None), minute).await.is_ok());
    turns.store(0, Ordering::Relaxed);
    for number in 0..1000 {
        assert!(client.sign(&uri("a-bucket", &number.to_string(), None), minute).await.is_ok());
    }
    assert!(turns.load(Ordering::Relaxed) >= 5, "{turns:?} turns in a thousand links");
    other.abort();
}

#[tokio::test]
async fn each_bucket_has_an_address_of_its_own() {
    let client = client("us-east-1", None, |config| config);
    for bucket in ["a-bucket", "another-bucket"] {
        for key in ["one", "two", "three"] {
            let uri = uri(bucket, key, None);
            let link = client.sign(&uri, Duration::from_secs(60)).await.expect("signs");
            assert!(
                link.url.starts_with(&format!("https://{bucket}.s3.us-east-1.amazonaws.com/{key}?")),
                "{}",
                link.url
            );
        }
        let bucket = bucket.parse().expect("a bucket");
        assert!(client.addresses.of(&bucket, &client.identity).is_some());
    }
}
