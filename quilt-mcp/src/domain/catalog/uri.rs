//! Quilt+ URIs: what the catalog, the command line and other programs call a package, or something in it.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::utf8_percent_encode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{CatalogUrl, NOT_IN_PATH};
use crate::domain::bucket::BucketName;
use crate::domain::package::PackageName;

/// Why a text names no revision. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRevision(&'static str);

impl fmt::Display for InvalidRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidRevision {}

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $valid:expr, $why:literal, $pattern:literal, $about:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidRevision;

            fn try_from(text: String) -> Result<Self, InvalidRevision> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(InvalidRevision($why)) }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $about, "pattern": $pattern })
            }

            fn inline_schema() -> bool {
                true
            }
        }
    };
}

checked_text! {
    /// The hash of a revision, or at least its first 6 digits: lower-case hexadecimal.
    TopHash,
    |text| (6..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
    "a top hash has 6 to 64 digits of lower-case hexadecimal",
    "^[0-9a-f]{6,64}$",
    "Hash of a revision, or its first 6 digits or more"
}

checked_text! {
    /// What points to a revision: `latest`, or the time it was made, in seconds of the Unix epoch.
    Tag,
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'),
    "a tag is `latest` or a time in seconds",
    "^[A-Za-z0-9_-]{1,64}$",
    "`latest`, or the time of a revision in seconds"
}

/// Which revision of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// The one of this hash.
    Hash(TopHash),
    /// The one that the tag points to.
    Tagged(Tag),
}

/// `quilt+s3://bucket#package=namespace/name@hash&path=..&catalog=host`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuiltUri {
    /// The registry.
    pub bucket: BucketName,
    /// The package; without one the URI names the bucket.
    pub package: Option<QuiltUriPackage>,
    /// The catalog that shows it.
    pub catalog: Option<CatalogUrl>,
}

/// The package of a [`QuiltUri`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuiltUriPackage {
    /// Its name.
    pub name: PackageName,
    /// Which revision; the newest without one.
    pub revision: Option<Revision>,
    /// A file or folder in it; empty for all of it.
    pub path: String,
}

impl fmt::Display for QuiltUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "quilt+s3://{}", self.bucket)?;
        let mut separator = '#';
        if let Some(package) = &self.package {
            write!(f, "{separator}package={}", package.name)?;
            match &package.revision {
                Some(Revision::Hash(hash)) => write!(f, "@{}", hash.as_str())?,
                Some(Revision::Tagged(tag)) => write!(f, ":{}", tag.as_str())?,
                None => {}
            }
            if !package.path.is_empty() {
                write!(f, "&path={}", utf8_percent_encode(&package.path, NOT_IN_PATH))?;
            }
            separator = '&';
        }
        match &self.catalog {
            Some(catalog) => {
                write!(f, "{separator}catalog={}", utf8_percent_encode(catalog.host(), NOT_IN_PATH))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(revision: Option<Revision>, path: &str, catalog: Option<&str>) -> String {
        let name = "team/data".parse().expect("a name");
        let package = Some(QuiltUriPackage { name, revision, path: path.into() });
        let catalog = catalog.map(|host| host.parse().expect("a host"));
        QuiltUri { bucket: "my-bucket".parse().expect("a name"), package, catalog }.to_string()
    }

    #[test]
    fn a_uri_shows_what_it_names() {
        let hash = TopHash::try_from("0123abcd".to_owned()).expect("a hash");
        let tag = Tag::try_from("latest".to_owned()).expect("a tag");
        assert_eq!(uri(None, "", None), "quilt+s3://my-bucket#package=team/data");
        assert_eq!(
            uri(Some(Revision::Hash(hash)), "", None),
            "quilt+s3://my-bucket#package=team/data@0123abcd"
        );
        assert_eq!(
            uri(Some(Revision::Tagged(tag)), "a b/c&d#e.csv", Some("open")),
            "quilt+s3://my-bucket#package=team/data:latest&path=a%20b/c%26d%23e.csv&catalog=open.quiltdata.com"
        );
    }

    #[test]
    fn a_bucket_alone_has_a_uri_too() {
        let uri = QuiltUri {
            bucket: "abc".parse().expect("a name"),
            package: None,
            catalog: Some("open".parse().expect("a host")),
        };
        assert_eq!(uri.to_string(), "quilt+s3://abc#catalog=open.quiltdata.com");
    }

    #[test]
    fn hashes_and_tags_are_checked() {
        for hash in ["12345", "ABCDEF", "0123abcg", &"a".repeat(65)] {
            assert!(TopHash::try_from(hash.to_owned()).is_err(), "{hash}");
        }
        for tag in ["", "a&b", "a b", "a#"] {
            assert!(Tag::try_from(tag.to_owned()).is_err(), "{tag}");
        }
    }
}
