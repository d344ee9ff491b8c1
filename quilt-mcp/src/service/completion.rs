//! What a caller may have begun to type: buckets, keys, packages and revisions, as far as this caller can list them.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use quilt_package::registry::NAMED_PACKAGES;
use quilt_scope::service;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{MAX_KEYS, ObjectService};
use super::package::PackageService;
use crate::domain::bucket::BucketName;
use crate::domain::object::KeyPrefix;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::{ErrorCode, ToolError};

/// The most values one answer has: MCP's own limit.
pub const MAX_VALUES: usize = 100;

/// The most buckets that are looked at for one answer: each costs a call to S3.
const MAX_LOOKS: usize = 40;

/// How many of them at a time.
const CONCURRENT_LOOKS: usize = 8;

/// What is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Wanted {
    /// The name of a bucket.
    Bucket,
    /// The key of an object, or what it begins with.
    Key,
    /// The name of a package.
    Package,
    /// A revision of a package: `latest`, or a top hash.
    Revision,
}

impl Wanted {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Key => "key",
            Self::Package => "package",
            Self::Revision => "revision",
        }
    }
}

/// What was typed before, in the same form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Context {
    /// The bucket.
    #[serde(default, alias = "registry")]
    pub bucket: Option<String>,
    /// The package.
    #[serde(default, alias = "package_name")]
    pub package: Option<String>,
}

/// How it could go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Completions {
    /// Whole values, not only what is missing.
    pub values: Vec<String>,
    /// Whether there are more, or may be.
    pub has_more: bool,
}

/// Completes what the caller of this request types, from what this caller can list.
#[derive(Debug)]
pub struct CompletionService<'req> {
    objects: &'req ObjectService<'req>,
    packages: &'req PackageService<'req>,
}

#[service]
impl<'req> CompletionService<'req> {
    /// Asks nobody anything yet.
    pub fn new(objects: &'req ObjectService<'req>, packages: &'req PackageService<'req>) -> Self {
        Self { objects, packages }
    }
}

impl CompletionService<'_> {
    /// How `typed` could go on. What the caller may not list, or what is not there, completes to nothing.
    ///
    /// # Errors
    ///
    /// The caller has no credentials, or S3 does not answer.
    pub async fn complete(
        &self,
        wanted: Wanted,
        typed: &str,
        context: &Context,
    ) -> Result<Completions, ToolError> {
        let bucket = context.bucket.as_deref().and_then(|name| name.parse::<BucketName>().ok());
        let package = context.package.as_deref().and_then(|name| name.parse::<PackageName>().ok());
        let found = match (wanted, bucket, package) {
            (Wanted::Bucket, ..) => self.buckets(typed).await,
            (Wanted::Key, Some(bucket), _) => {
                self.below(&bucket, "", typed, |rest| Some(folder(typed, rest))).await
            }
            (Wanted::Package, Some(bucket), _) => {
                self.below(&bucket, NAMED_PACKAGES, typed, package_of).await
            }
            (Wanted::Revision, Some(bucket), Some(package)) => self.revisions(&bucket, &package, typed).await,
            _ => Ok(Completions::default()),
        };
        match found {
            Err(error) if is_no_answer_to_a_guess(error.code()) => Ok(Completions::default()),
            found => found,
        }
    }

    /// The account's buckets that begin so and that the caller may list. A name alone can already be another's business.
    async fn buckets(&self, typed: &str) -> Result<Completions, ToolError> {
        let (scheme, typed) = match typed.strip_prefix("s3://") {
            Some(rest) => ("s3://", rest),
            None => ("", typed),
        };
        let mut named: Vec<BucketName> = self
            .objects
            .buckets()
            .await?
            .into_iter()
            .map(|bucket| bucket.name)
            .filter(|name| name.as_str().starts_with(typed))
            .collect();
        let has_more = named.len() > MAX_LOOKS;
        named.truncate(MAX_LOOKS);
        let anything = KeyPrefix::default();
        let anything = &anything;
        let looks = stream::iter(named)
            .map(|bucket| async move {
                let look = self.objects.list(&bucket, anything, 1, None).await;
                (bucket, look)
            })
            .buffered(CONCURRENT_LOOKS);
        let listed: Vec<_> = looks.collect().await;
        let values = listed
            .into_iter()
            .filter_map(|(bucket, look)| look.is_ok().then(|| format!("{scheme}{bucket}")))
            .collect();
        Ok(Completions { values, has_more })
    }

    /// `latest` and the top hashes of the newest revisions, newest first: what tools take.
    async fn revisions(
        &self,
        bucket: &BucketName,
        package: &PackageName,
        typed: &str,
    ) -> Result<Completions, ToolError> {
        let (latest, typed) = (String::from(RevisionRef::Latest), typed.to_ascii_lowercase());
        if !typed.is_empty() && latest.starts_with(&typed) {
            return Ok(Completions { values: vec![latest], has_more: false });
        }
        let (hashes, has_more) = self.packages.newest(bucket, package, MAX_VALUES - 1).await?;
        let mut values = vec![latest];
        values.extend(hashes.iter().map(ToString::to_string));
        values.retain(|value| value.starts_with(&typed));
        Ok(Completions { values, has_more })
    }

    /// What `named` makes of the keys below `root` that go on as typed.
    async fn below(
        &self,
        bucket: &BucketName,
        root: &str,
        typed: &str,
        named: impl Fn(&str) -> Option<String> + Send,
    ) -> Result<Completions, ToolError> {
        let prefix = KeyPrefix::try_from(format!("{root}{typed}"))
            .map_err(|error| ToolError::invalid_input(error.to_string()))?;
        let listing = self.objects.list(bucket, &prefix, MAX_KEYS, None).await?;
        let found: BTreeSet<String> = listing
            .objects
            .iter()
            .filter_map(|object| named(object.key.as_str().strip_prefix(root)?))
            .collect();
        let has_more = listing.next.is_some() || found.len() > MAX_VALUES;
        Ok(Completions { values: found.into_iter().take(MAX_VALUES).collect(), has_more })
    }
}

/// The key, or the folder that it is in below what was typed.
fn folder(typed: &str, key: &str) -> String {
    match key.get(typed.len()..).and_then(|rest| rest.find('/')) {
        Some(end) => key[..=typed.len() + end].to_owned(),
        None => key.to_owned(),
    }
}

/// `namespace/name` of `namespace/name/tag`.
fn package_of(rest: &str) -> Option<String> {
    let (package, _) = rest.rsplit_once('/')?;
    package.parse::<PackageName>().ok().map(String::from)
}

fn is_no_answer_to_a_guess(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::AccessDenied | ErrorCode::NotFound | ErrorCode::InvalidInput)
}

#[cfg(test)]
mod tests {
    use quilt_scope::Lazy;

    use super::*;
    use crate::client::canned::Canned;
    use crate::domain::principal::{Grant, Principal};
    use crate::domain::request::Progress;
    use crate::service::auth::AuthService;
    use crate::service::threads::{ComputeThreads, TenantThreads};
    use crate::service::turns::TurnsByTenant;

    async fn complete(
        canned: &Canned,
        wanted: Wanted,
        typed: &str,
        context: Context,
    ) -> Result<Completions, ToolError> {
        let (principal, endpoints, progress) =
            (Principal::single_user(), canned.endpoints(), Progress::none());
        let credentials = Canned::credentials(&principal);
        let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
        let objects = ObjectService::new(&auth, &progress);
        let (turns, compute) = (TurnsByTenant::new(1), ComputeThreads::of_this_machine().expect("threads"));
        let threads = TenantThreads::new(&principal, &compute);
        let packages = PackageService::new(&auth, &progress, &turns, &threads);
        CompletionService::new(&objects, &packages).complete(wanted, typed, &context).await
    }

    fn within(bucket: &str, package: Option<&str>) -> Context {
        Context { bucket: Some(bucket.into()), package: package.map(Into::into) }
    }

    fn listing(keys: &[&str]) -> (u16, String) {
        let keys: String =
            keys.iter().map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>")).collect();
        (200, format!("<ListBucketResult>{keys}</ListBucketResult>"))
    }

    #[tokio::test]
    async fn only_buckets_that_the_caller_may_list_are_named() -> Result<(), ToolError> {
        let canned = Canned::answering(|sent| {
            if sent.uri.contains("/mine-") {
                listing(&[])
            } else if sent.uri.contains("/mine") || sent.uri.contains("/other") {
                (403, "<Error><Code>AccessDenied</Code></Error>".into())
            } else {
                let names = ["mine-a", "mine-b", "mineral", "other"];
                let names: String =
                    names.iter().map(|name| format!("<Bucket><Name>{name}</Name></Bucket>")).collect();
                (200, format!("<ListAllMyBucketsResult><Buckets>{names}</Buckets></ListAllMyBucketsResult>"))
            }
        });
        let found = complete(&canned, Wanted::Bucket, "mine", Context::default()).await?;
        assert_eq!(found.values, ["mine-a", "mine-b"]);
        let found = complete(&canned, Wanted::Bucket, "s3://mine-b", Context::default()).await?;
        assert_eq!(found.values, ["s3://mine-b"]);
        let asked: Vec<String> = canned.requests().into_iter().map(|sent| sent.uri).collect();
        assert!(!asked.iter().any(|uri| uri.contains("/other")), "not typed, not looked at: {asked:?}");
        Ok(())
    }

    #[tokio::test]
    async fn keys_and_packages_come_from_listings() -> Result<(), ToolError> {
        let keys = Canned::answering(|_| listing(&["data/a/1.csv", "data/a/2.csv", "data/b.csv"]));
        let found = complete(&keys, Wanted::Key, "data/", within("abc", None)).await?;
        assert_eq!(found.values, ["data/a/", "data/b.csv"]);

        let pointers = Canned::answering(|_| {
            listing(&[
                ".quilt/named_packages/team/one/1700000000",
                ".quilt/named_packages/team/one/latest",
                ".quilt/named_packages/team/two/latest",
            ])
        });
        let found = complete(&pointers, Wanted::Package, "te", within("abc", None)).await?;
        assert_eq!(found.values, ["team/one", "team/two"]);
        Ok(())
    }

    /// What is completed is what tools take: seconds are not.
    #[tokio::test]
    async fn revisions_are_latest_and_top_hashes_the_newest_first() -> Result<(), ToolError> {
        let at = |second: u64| format!(".quilt/named_packages/team/one/{second}");
        let canned = Canned::answering(move |sent| {
            if sent.uri.contains("list-type=2") {
                let keys: Vec<String> = (1_700_000_000..1_700_000_004).map(at).collect();
                let keys: Vec<&str> = keys
                    .iter()
                    .map(String::as_str)
                    .chain([".quilt/named_packages/team/one/latest"])
                    .collect();
                return listing(&keys);
            }
            let pointer = |second: u64| sent.uri.contains(&at(second));
            let held = match () {
                () if pointer(1_700_000_000) => "a".repeat(64),
                () if pointer(1_700_000_001) => "no hash".to_owned(),
                () if pointer(1_700_000_002) => "b".repeat(64),
                // The same content again.
                () if pointer(1_700_000_003) => "a".repeat(64),
                () => return (404, "<Error><Code>NoSuchKey</Code></Error>".to_owned()),
            };
            (200, held)
        });
        let [a, b] = ["a", "b"].map(|digit| digit.repeat(64));
        let of = within("abc", Some("team/one"));
        for (typed, expected) in [
            ("", vec!["latest".to_owned(), a.clone(), b.clone()]),
            ("lat", vec!["latest".to_owned()]),
            ("LAT", vec!["latest".to_owned()]),
            ("B", vec![b]),
            ("17", Vec::new()),
        ] {
            let found = complete(&canned, Wanted::Revision, typed, of.clone()).await?;
            assert_eq!(found.values, expected, "{typed}");
            for value in found.values {
                assert!(RevisionRef::try_from(value.clone()).is_ok(), "{value}");
            }
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_refusal_or_a_half_typed_context_completes_to_nothing() -> Result<(), ToolError> {
        let denied = Canned::answering(|_| (403, "<Error><Code>AccessDenied</Code></Error>".into()));
        for (wanted, context) in [
            (Wanted::Bucket, Context::default()),
            (Wanted::Key, within("abc", None)),
            (Wanted::Key, within("NO BUCKET", None)),
            (Wanted::Package, Context::default()),
            (Wanted::Revision, within("abc", Some("half"))),
        ] {
            assert_eq!(complete(&denied, wanted, "x", context).await?, Completions::default(), "{wanted:?}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn an_endpoint_that_fails_is_no_empty_answer() {
        let failing = Canned::answering(|_| (500, String::new()));
        let error = complete(&failing, Wanted::Key, "", within("abc", None)).await.expect_err("failed");
        assert_eq!(error.code(), ErrorCode::Unavailable);
    }
}
