//! The endpoint as the AWS SDK sees it.

mod iam;

use aws_credential_types::Credentials;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use secrecy::ExposeSecret;

use super::super::keys::IssuedKey;
use super::super::wire;
use super::super::world::{PEOPLE, Person, REGION};
use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn person(name: &str) -> &'static Person {
    PEOPLE.iter().find(|person| person.name == name).expect("a person of the demo")
}

/// An endpoint over a directory that is gone afterwards.
struct Running {
    endpoint: Endpoint,
    _directory: tempfile::TempDir,
}

impl Running {
    async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let endpoint = Endpoint::start(directory.path()).await.expect("a free port");
        Self { endpoint, _directory: directory }
    }

    fn credentials(key: &IssuedKey) -> Credentials {
        Credentials::new(
            &key.access_key,
            key.secret.expose_secret(),
            key.session_token.as_ref().map(|token| token.expose_secret().to_owned()),
            None,
            "test",
        )
    }

    fn s3_with(&self, credentials: Credentials) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::Config::builder()
                .behavior_version_latest()
                .region(aws_sdk_s3::config::Region::new(REGION))
                .endpoint_url(self.endpoint.url())
                .force_path_style(true)
                .credentials_provider(credentials)
                .build(),
        )
    }

    fn sts_with(&self, credentials: Credentials) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::from_conf(
            aws_sdk_sts::Config::builder()
                .behavior_version_latest()
                .region(aws_sdk_sts::config::Region::new(REGION))
                .endpoint_url(self.endpoint.url())
                .credentials_provider(credentials)
                .build(),
        )
    }

    /// As the MCP server gets it: the server's key, exchanged for the person's role.
    async fn assume(&self, name: &str) -> Credentials {
        let server = Self::credentials(&self.endpoint.keys().issue_server_key());
        let answer = self
            .sts_with(server)
            .assume_role()
            .role_arn(person(name).role.arn())
            .role_session_name(name)
            .source_identity(name)
            .duration_seconds(900)
            .send()
            .await
            .expect("the server may assume the role");
        assert_eq!(answer.source_identity(), Some(name));
        let issued = answer.credentials().expect("credentials");
        Credentials::new(
            issued.access_key_id(),
            issued.secret_access_key(),
            Some(issued.session_token().to_owned()),
            Some(std::time::SystemTime::try_from(*issued.expiration()).expect("an expiration")),
            "test",
        )
    }

    async fn s3(&self, name: &str) -> aws_sdk_s3::Client {
        self.s3_with(self.assume(name).await)
    }
}

/// The code of a service error, or of the status where the answer has no body.
fn code<E: ProvideErrorMetadata + std::fmt::Debug>(
    error: &aws_sdk_s3::error::SdkError<E, aws_smithy_runtime_api::http::Response>,
) -> String {
    match (error.code(), error.raw_response()) {
        (Some(code), _) => code.to_owned(),
        (None, Some(response)) => response.status().as_u16().to_string(),
        (None, None) => format!("{error:?}"),
    }
}

/// Fetches a URL as anybody could: `(status, body)`.
async fn fetch(url: &str) -> (u16, String) {
    let request = http::Request::get(url).body(axum::body::Body::empty()).expect("a request");
    let response = wire::send(request).await.expect("an answer");
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(axum::body::Body::new(response.into_body()), 1 << 20).await;
    (status, String::from_utf8_lossy(&body.expect("a body")).into_owned())
}

#[tokio::test]
async fn everyone_works_in_their_own_bucket() {
    let running = Running::start().await;
    let alice = running.s3("alice").await;

    let buckets = alice.list_buckets().send().await.expect("buckets");
    let names: Vec<_> = buckets.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    assert_eq!(names, ["lab-a-drafts", "lab-a-plants"]);
    assert!(alice.head_bucket().bucket("lab-a-plants").send().await.is_ok());

    let put = alice
        .put_object()
        .bucket("lab-a-plants")
        .key("notes/today.txt")
        .content_type("text/plain")
        .body(ByteStream::from_static(b"all plants watered"))
        .send()
        .await
        .expect("her own bucket");
    let got =
        alice.get_object().bucket("lab-a-plants").key("notes/today.txt").send().await.expect("it exists");
    assert_eq!(got.content_type(), Some("text/plain"));
    assert_eq!(got.e_tag(), put.e_tag());
    let body = got.body.collect().await.expect("a body").into_bytes();
    assert_eq!(&body[..], b"all plants watered");

    let head =
        alice.head_object().bucket("lab-a-plants").key("growth/2025-03.csv").send().await.expect("a sample");
    assert_eq!(head.content_type(), Some("text/csv"));
    let folder = alice.get_object().bucket("lab-a-plants").key("growth").send().await.expect_err("a folder");
    assert_eq!(code(&folder), "NoSuchKey");
}

#[tokio::test]
async fn a_listing_comes_in_pages_with_entity_tags() {
    let running = Running::start().await;
    let alice = running.s3("alice").await;
    let mut keys = Vec::new();
    let mut token = None;
    loop {
        let page = alice
            .list_objects_v2()
            .bucket("lab-a-plants")
            .max_keys(1)
            .set_continuation_token(token)
            .send()
            .await
            .expect("a page");
        assert_eq!(page.contents().len(), 1);
        for object in page.contents() {
            let tag = object.e_tag().expect("an entity tag");
            assert!(tag.trim_matches('"').len() == 32, "{tag}");
            keys.push(object.key().expect("a key").to_owned());
        }
        token = page.next_continuation_token().map(str::to_owned);
        assert_eq!(page.is_truncated(), Some(token.is_some()));
        if token.is_none() {
            break;
        }
    }
    assert_eq!(keys, ["README.md", "growth/2025-03.csv", "growth/plants.json"]);
}

#[tokio::test]
async fn another_tenants_bucket_is_refused_in_every_way() {
    let running = Running::start().await;
    let bob = running.s3("bob").await;
    let theirs = "lab-a-plants";

    let listed = bob.list_objects_v2().bucket(theirs).send().await.expect_err("not his");
    assert_eq!(code(&listed), "AccessDenied");
    let read = bob.get_object().bucket(theirs).key("README.md").send().await.expect_err("not his");
    assert_eq!(code(&read), "AccessDenied");
    let head = bob.head_object().bucket(theirs).key("README.md").send().await.expect_err("not his");
    assert_eq!(code(&head), "403");
    let body = ByteStream::from_static(b"x");
    let put = bob.put_object().bucket(theirs).key("x").body(body).send().await.expect_err("not his");
    assert_eq!(code(&put), "AccessDenied");
    let location = bob.get_bucket_location().bucket(theirs).send().await.expect_err("not his");
    assert_eq!(code(&location), "AccessDenied");
    let created = bob.create_bucket().bucket("lab-b-more").send().await.expect_err("nobody may");
    assert_eq!(code(&created), "AccessDenied");
    let policy = bob.get_bucket_policy().bucket("lab-b-sensors").send().await.expect_err("nobody may");
    assert_eq!(code(&policy), "AccessDenied");
}

#[tokio::test]
async fn a_copy_or_a_strange_key_is_no_way_around() {
    let running = Running::start().await;
    let bob = running.s3("bob").await;

    let copied = bob
        .copy_object()
        .bucket("lab-b-sensors")
        .key("stolen.md")
        .copy_source("lab-a-plants/README.md")
        .send()
        .await
        .expect_err("the source is not his");
    assert_eq!(code(&copied), "AccessDenied");
    let climbing = bob
        .copy_object()
        .bucket("lab-b-sensors")
        .key("stolen.md")
        .copy_source("lab-b-sensors/../lab-a-plants/README.md")
        .send()
        .await
        .expect_err("it leaves the bucket");
    assert_eq!(code(&climbing), "InvalidArgument");
    let read = bob.get_object().bucket("lab-b-sensors").key("../lab-a-plants/README.md").send().await;
    assert!(read.is_err());
    let victim = ObjectIdentifier::builder().key("../lab-a-plants/README.md").build().expect("a key");
    let delete = Delete::builder().objects(victim).build().expect("a list");
    assert!(bob.delete_objects().bucket("lab-b-sensors").delete(delete).send().await.is_err());

    let own = bob
        .copy_object()
        .bucket("lab-b-sensors")
        .key("copy.md")
        .copy_source("lab-b-sensors/README.md")
        .send()
        .await;
    assert!(own.is_ok(), "{own:?}");
    let alice = running.s3("alice").await;
    assert!(alice.head_object().bucket("lab-a-plants").key("README.md").send().await.is_ok());
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let running = Running::start().await;
    let carol = running.s3("carol").await;
    assert!(carol.get_object().bucket("lab-a-plants").key("README.md").send().await.is_ok());
    let body = ByteStream::from_static(b"x");
    let put =
        carol.put_object().bucket("lab-a-plants").key("x").body(body).send().await.expect_err("a reader");
    assert_eq!(code(&put), "AccessDenied");
    let delete =
        carol.delete_object().bucket("lab-a-plants").key("README.md").send().await.expect_err("a reader");
    assert_eq!(code(&delete), "AccessDenied");
    let drafts = carol.list_objects_v2().bucket("lab-a-drafts").send().await.expect_err("not hers");
    assert_eq!(code(&drafts), "AccessDenied");
}

#[tokio::test]
async fn a_presigned_url_is_as_good_as_its_signer_and_for_one_object() {
    let running = Running::start().await;
    let presigning = PresigningConfig::expires_in(Duration::from_secs(60)).expect("a minute");
    let key = "growth/plants.json";

    let alice = running.s3("alice").await;
    let own = alice
        .get_object()
        .bucket("lab-a-plants")
        .key(key)
        .presigned(presigning.clone())
        .await
        .expect("a URL");
    let (status, body) = fetch(own.uri()).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("Ocimum basilicum"));

    let moved = own.uri().replace(key, "README.md");
    assert_ne!(moved, own.uri());
    assert_eq!(fetch(&moved).await.0, 403);
    let (start, rest) = own.uri().split_once("X-Amz-Security-Token=").expect("a temporary key");
    let rest = rest.split_once('&').map_or("", |(_, rest)| rest);
    assert_eq!(fetch(&format!("{start}{rest}")).await.0, 403);

    let bob = running.s3("bob").await;
    let theirs = bob.get_object().bucket("lab-a-plants").key(key).presigned(presigning).await.expect("a URL");
    let (status, body) = fetch(theirs.uri()).await;
    assert_eq!(status, 403);
    assert!(body.contains("AccessDenied"), "{body}");
    assert_eq!(fetch(&format!("{}/lab-a-plants/{key}", running.endpoint.url())).await.0, 403);
}

#[tokio::test]
async fn keys_that_are_wrong_unknown_expired_or_mixed_are_refused() {
    let running = Running::start().await;
    let keys = running.endpoint.keys();
    let list = |credentials: Credentials| {
        let client = running.s3_with(credentials);
        async move { client.list_buckets().send().await.map(drop).map_err(|error| code(&error)) }
    };
    let alice = keys.issue_session(&person("alice").role, "alice".into(), HOUR);
    let bob = keys.issue_session(&person("bob").role, "bob".into(), HOUR);
    let token = |key: &IssuedKey| key.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    let secret = alice.secret.expose_secret();

    assert_eq!(list(Running::credentials(&alice)).await, Ok(()));
    let wrong = Credentials::new(&alice.access_key, "wrong", token(&alice), None, "test");
    assert_eq!(list(wrong).await, Err("SignatureDoesNotMatch".into()));
    let unknown = Credentials::new("ASIA0000000000000000", secret, token(&alice), None, "test");
    assert_eq!(list(unknown).await, Err("InvalidAccessKeyId".into()));
    let mixed = Credentials::new(&alice.access_key, secret, token(&bob), None, "test");
    assert_eq!(list(mixed).await, Err("InvalidToken".into()));
    let bare = Credentials::new(&alice.access_key, secret, None, None, "test");
    assert_eq!(list(bare).await, Err("InvalidToken".into()));
    let expired = keys.issue_session(&person("alice").role, "alice".into(), Duration::ZERO);
    assert_eq!(list(Running::credentials(&expired)).await, Err("ExpiredToken".into()));
}

#[tokio::test]
async fn the_servers_own_key_exchanges_and_reads_nothing() {
    let running = Running::start().await;
    let server = Running::credentials(&running.endpoint.keys().issue_server_key());
    let s3 = running.s3_with(server);
    assert!(s3.list_buckets().send().await.expect("an empty list").buckets().is_empty());
    let read = s3.get_object().bucket("lab-a-plants").key("README.md").send().await.expect_err("the server");
    assert_eq!(code(&read), "AccessDenied");
}

#[tokio::test]
async fn sts_says_who_asks_and_refuses_in_its_own_words() {
    let running = Running::start().await;
    let alice = running.assume("alice").await;
    let identity = running.sts_with(alice.clone()).get_caller_identity().send().await.expect("a session");
    assert_eq!(identity.arn(), Some("arn:aws:sts::111111111111:assumed-role/lab-a-researcher/alice"));
    assert_eq!(identity.account(), Some("111111111111"));

    let assume = |credentials: Credentials| {
        let client = running.sts_with(credentials);
        async move {
            let role = person("bob").role.arn();
            let asked = client.assume_role().role_arn(role).role_session_name("mallory").send().await;
            asked.map(drop).map_err(|error| code(&error))
        }
    };
    assert_eq!(assume(alice).await, Err("AccessDenied".into()));
    let server = running.endpoint.keys().issue_server_key();
    let wrong = Credentials::new(&server.access_key, "wrong", None, None, "test");
    assert_eq!(assume(wrong).await, Err("SignatureDoesNotMatch".into()));
    let unknown = Credentials::new("AKIA0000000000000000", "secret", None, None, "test");
    assert_eq!(assume(unknown).await, Err("InvalidClientTokenId".into()));
    let expired =
        running.endpoint.keys().issue_session(&person("alice").role, "alice".into(), Duration::ZERO);
    assert_eq!(assume(Running::credentials(&expired)).await, Err("ExpiredToken".into()));
}

#[tokio::test]
async fn it_stops_when_told() {
    let running = Running::start().await;
    let url = running.endpoint.url();
    running.endpoint.stop().await.expect("a clean end");
    let request = http::Request::get(url).body(axum::body::Body::empty()).expect("a request");
    assert!(wire::send(request).await.is_err());
}
