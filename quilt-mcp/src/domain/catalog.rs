//! Addresses of a Quilt catalog: its own, and the pages in it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::bucket::BucketName;
use super::origin::{NoOrigin, origin};
use super::package::PackageName;

mod config;
mod revision;

pub use config::{CatalogConfig, InvalidCatalogConfig};
pub use revision::{InvalidRevision, Tag, TopHash};

/// What is encoded in the path of a URL, of which slashes are part.
pub(crate) const NOT_IN_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// Catalogs that Quilt Data runs, by their short names.
const SHORT_NAMES: [&str; 4] = ["demo", "sandbox", "open", "example"];

/// Where a catalog is: `https://host`, with a port if it has one, and nothing else.
///
/// Parsed from such a URL, from a bare host, or from `demo`, `sandbox`, `open` or `example`. Plain `http` is taken for
/// this machine only: what a link leads to should not be another's to change on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CatalogUrl(String);

impl CatalogUrl {
    /// The URL, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, with its port if it has one.
    pub fn host(&self) -> &str {
        self.0.split_once("://").map_or(self.0.as_str(), |(_, host)| host)
    }

    /// The page of a file or folder in a bucket; of the bucket itself for an empty path.
    pub fn bucket_page(&self, bucket: &BucketName, path: &str) -> String {
        let root = format!("{}/b/{bucket}", self.0);
        if path.is_empty() { root } else { format!("{root}/tree/{}", encoded(path)) }
    }

    /// The page of a package's newest revision, or of a path in it.
    pub fn package_page(&self, bucket: &BucketName, package: &PackageName, path: &str) -> String {
        let root = format!("{}/b/{bucket}/packages/{package}", self.0);
        if path.is_empty() { root } else { format!("{root}/tree/latest/{}", encoded(path)) }
    }
}

fn encoded(path: &str) -> percent_encoding::PercentEncode<'_> {
    utf8_percent_encode(path, NOT_IN_PATH)
}

/// Why a text is no address of a catalog. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCatalogUrl(&'static str);

impl fmt::Display for InvalidCatalogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not the address of a catalog: {}", self.0)
    }
}

impl std::error::Error for InvalidCatalogUrl {}

impl FromStr for CatalogUrl {
    type Err = InvalidCatalogUrl;

    fn from_str(text: &str) -> Result<Self, InvalidCatalogUrl> {
        let text = text.trim();
        let full = match text {
            short if SHORT_NAMES.contains(&short) => format!("https://{short}.quiltdata.com"),
            with_scheme if with_scheme.contains("://") => with_scheme.to_owned(),
            host => format!("https://{host}"),
        };
        origin(&full).map(Self).map_err(|why| {
            InvalidCatalogUrl(match why {
                NoOrigin::Malformed => "give it as `https://catalog.example.com`",
                NoOrigin::NoHost => "it names no host",
                NoOrigin::Readable => "it must begin with `https://`",
                NoOrigin::Credentials => "it may not hold a user name or password",
                NoOrigin::More => "give the host alone, without a path",
            })
        })
    }
}

impl TryFrom<String> for CatalogUrl {
    type Error = InvalidCatalogUrl;

    fn try_from(text: String) -> Result<Self, InvalidCatalogUrl> {
        text.parse()
    }
}

impl From<CatalogUrl> for String {
    fn from(url: CatalogUrl) -> Self {
        url.0
    }
}

impl fmt::Display for CatalogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for CatalogUrl {
    fn schema_name() -> Cow<'static, str> {
        "CatalogUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Address of a catalog: `https://host`, a bare host, or `demo`, `sandbox`, `open`, `example`",
            "minLength": 1,
            "maxLength": 2048,
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> CatalogUrl {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn an_address_is_brought_into_one_form() {
        for (text, full) in [
            ("open", "https://open.quiltdata.com"),
            ("catalog.example.com", "https://catalog.example.com"),
            ("https://Catalog.Example.com/", "https://catalog.example.com"),
            ("https://catalog.example.com:8443", "https://catalog.example.com:8443"),
            ("http://localhost:3000/", "http://localhost:3000"),
        ] {
            assert_eq!(url(text).as_str(), full);
        }
        assert_eq!(url("https://a.example:8443").host(), "a.example:8443");
    }

    #[test]
    fn what_is_no_plain_host_is_refused() {
        for text in [
            "",
            "https://",
            "http://catalog.example.com",
            "file:///etc/passwd",
            "javascript://x",
            "https://user@host",
            "https://host/path",
            "https://host?x",
            "https://host#x",
            "two words",
        ] {
            assert!(text.parse::<CatalogUrl>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn pages_are_percent_encoded() {
        let bucket = "my-bucket".parse().expect("a name");
        let package = "team/data".parse().expect("a name");
        let catalog = url("open");
        assert_eq!(catalog.bucket_page(&bucket, ""), "https://open.quiltdata.com/b/my-bucket");
        assert_eq!(
            catalog.bucket_page(&bucket, "a b/ä?#%.csv"),
            "https://open.quiltdata.com/b/my-bucket/tree/a%20b/%C3%A4%3F%23%25.csv"
        );
        assert_eq!(
            catalog.package_page(&bucket, &package, "x&y"),
            "https://open.quiltdata.com/b/my-bucket/packages/team/data/tree/latest/x%26y"
        );
    }
}
