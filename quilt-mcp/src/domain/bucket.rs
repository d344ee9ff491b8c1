//! The name of an S3 bucket.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A bucket name that S3's naming rules allow.
///
/// Parsed from `name` or `s3://name`, with or without a slash at the end. Checked here because a name becomes part of a
/// host name and of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BucketName(String);

impl BucketName {
    /// The bare name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no bucket name. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidBucketName(&'static str);

impl fmt::Display for InvalidBucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a bucket name: {}", self.0)
    }
}

impl std::error::Error for InvalidBucketName {}

impl FromStr for BucketName {
    type Err = InvalidBucketName;

    fn from_str(text: &str) -> Result<Self, InvalidBucketName> {
        let name = text.strip_prefix("s3://").unwrap_or(text);
        let name = name.strip_suffix('/').unwrap_or(name);
        check(name).map_err(InvalidBucketName)?;
        Ok(Self(name.to_owned()))
    }
}

impl TryFrom<String> for BucketName {
    type Error = InvalidBucketName;

    fn try_from(text: String) -> Result<Self, InvalidBucketName> {
        text.parse()
    }
}

impl From<BucketName> for String {
    fn from(name: BucketName) -> Self {
        name.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for BucketName {
    fn schema_name() -> Cow<'static, str> {
        "BucketName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Bucket name, bare or as `s3://name`",
            "pattern": "^(s3://)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/?$",
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

fn check(name: &str) -> Result<(), &'static str> {
    if name.contains('/') {
        return Err("give the bucket alone, without a key");
    }
    if !(3..=63).contains(&name.len()) {
        return Err("it must have 3 to 63 characters");
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if !name.bytes().all(|b| plain(b) || b == b'.' || b == b'-') {
        return Err("only lower-case letters, digits, `.` and `-` are allowed");
    }
    if !name.bytes().next().is_some_and(plain) || !name.bytes().next_back().is_some_and(plain) {
        return Err("it must begin and end with a letter or a digit");
    }
    if name.contains("..") {
        return Err("two dots may not stand together");
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return Err("it may not look like an IP address");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<BucketName, InvalidBucketName> {
        text.parse()
    }

    #[test]
    fn a_name_may_come_as_a_uri() -> Result<(), InvalidBucketName> {
        for text in ["my.bucket-1", "s3://my.bucket-1", "s3://my.bucket-1/", "my.bucket-1/"] {
            assert_eq!(parse(text)?.as_str(), "my.bucket-1");
        }
        Ok(())
    }

    #[test]
    fn names_that_s3_refuses_are_refused() {
        let too_long = "a".repeat(64);
        for text in [
            "",
            "ab",
            "Bucket",
            "my_bucket",
            "-abc",
            "abc-",
            ".abc",
            "a..b",
            "10.1.2.3",
            "s3://",
            "s3://b/key",
            "buc ket",
            "bücket",
            "a\nb",
            "s3://s3://abc",
            too_long.as_str(),
        ] {
            assert!(parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn deserializing_checks_too() {
        assert!(serde_json::from_str::<BucketName>("\"my-bucket\"").is_ok());
        let refused =
            serde_json::from_str::<BucketName>("\"My_Bucket\"").expect_err("capital letter").to_string();
        assert!(refused.contains("lower-case"), "{refused}");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_a_plain_host_label(text in "\\PC{0,70}") {
            if let Ok(name) = text.parse::<BucketName>() {
                prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-'));
                prop_assert_eq!(name.as_str().parse::<BucketName>(), Ok(name.clone()));
            }
        }

        #[test]
        fn every_ordinary_name_is_accepted(text in "[a-z][a-z0-9-]{1,61}[a-z0-9]") {
            prop_assert!(text.parse::<BucketName>().is_ok());
        }
    }
}
