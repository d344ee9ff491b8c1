//! Keys of objects, and the URIs that name them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::bucket::BucketName;

/// The longest key S3 allows, in bytes of UTF-8.
const MAX_KEY_BYTES: usize = 1024;

/// What would be read as something else in a URI. Everything else stays readable, so that a URI shows the key.
const NOT_IN_URI: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

/// Why a text is no key, prefix or URI. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidObject(Cow<'static, str>);

impl fmt::Display for InvalidObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidObject {}

/// The key of an object: 1 to 1024 bytes of UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The key, not encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = InvalidObject;

    fn try_from(key: String) -> Result<Self, InvalidObject> {
        if key.is_empty() {
            return Err(InvalidObject("an object key may not be empty".into()));
        }
        if key.len() > MAX_KEY_BYTES {
            return Err(InvalidObject("an object key may have at most 1024 bytes".into()));
        }
        Ok(Self(key))
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for ObjectKey {
    fn schema_name() -> Cow<'static, str> {
        "ObjectKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "Object key", "minLength": 1, "maxLength": 1024 })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// What the keys of a listing begin with: at most 1024 bytes, empty for every key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyPrefix(String);

impl KeyPrefix {
    /// The prefix, not encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for KeyPrefix {
    type Error = InvalidObject;

    fn try_from(prefix: String) -> Result<Self, InvalidObject> {
        if prefix.len() > MAX_KEY_BYTES {
            return Err(InvalidObject("a key prefix may have at most 1024 bytes".into()));
        }
        Ok(Self(prefix))
    }
}

impl From<KeyPrefix> for String {
    fn from(prefix: KeyPrefix) -> Self {
        prefix.0
    }
}

impl JsonSchema for KeyPrefix {
    fn schema_name() -> Cow<'static, str> {
        "KeyPrefix".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "Beginning of the keys", "maxLength": 1024 })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// One object, or one version of it: `s3://bucket/key`, `s3://bucket/key?versionId=..`.
///
/// The key is percent-decoded, so a `%`, `?` or `#` that belongs to it must be written encoded. `versionId` is the only
/// query parameter. A bare `#` is refused, not taken for a fragment: part of the key would be lost without a word.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct S3Uri {
    bucket: BucketName,
    key: ObjectKey,
    version_id: Option<String>,
}

impl S3Uri {
    /// The newest version of `key` in `bucket`.
    pub fn new(bucket: BucketName, key: ObjectKey) -> Self {
        Self { bucket, key, version_id: None }
    }

    /// One version of it.
    ///
    /// # Errors
    ///
    /// [`InvalidObject`] if no S3 server names a version so.
    pub fn with_version(self, version: &str) -> Result<Self, InvalidObject> {
        Ok(Self { version_id: Some(checked_version(version.to_owned())?), ..self })
    }

    /// Where it is.
    pub fn bucket(&self) -> &BucketName {
        &self.bucket
    }

    /// What it is called there.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Which version of it, if one is named.
    pub fn version_id(&self) -> Option<&str> {
        self.version_id.as_deref()
    }
}

impl FromStr for S3Uri {
    type Err = InvalidObject;

    fn from_str(text: &str) -> Result<Self, InvalidObject> {
        let refuse = |why: &'static str| Err(InvalidObject(why.into()));
        let Some(rest) = text.strip_prefix("s3://") else {
            return refuse("an S3 URI must begin with `s3://`, as in `s3://bucket/key`");
        };
        if text.contains(|c: char| c.is_control()) {
            return refuse("control characters in an S3 URI must be percent-encoded");
        }
        if text.contains('#') {
            return refuse("a `#` in the key of an S3 URI must be written `%23`");
        }
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let Some((bucket, key)) = path.split_once('/') else {
            return refuse("an S3 URI must name a key, as in `s3://bucket/key`");
        };
        let bucket: BucketName = bucket.parse().map_err(|e| InvalidObject(format!("{e}").into()))?;
        let key = ObjectKey::try_from(decode(key)?)?;
        let version_id = query.map(version_id).transpose()?.flatten();
        Ok(Self { bucket, key, version_id })
    }
}

impl TryFrom<String> for S3Uri {
    type Error = InvalidObject;

    fn try_from(text: String) -> Result<Self, InvalidObject> {
        text.parse()
    }
}

impl From<S3Uri> for String {
    fn from(uri: S3Uri) -> Self {
        uri.to_string()
    }
}

/// The URI that parses to the same value.
impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, utf8_percent_encode(self.key.as_str(), NOT_IN_URI))?;
        match &self.version_id {
            Some(version) => write!(f, "?versionId={version}"),
            None => Ok(()),
        }
    }
}

impl JsonSchema for S3Uri {
    fn schema_name() -> Cow<'static, str> {
        "S3Uri".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "`s3://bucket/key`, or `s3://bucket/key?versionId=..` for one version",
            "pattern": "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+",
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

fn decode(text: &str) -> Result<String, InvalidObject> {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(InvalidObject("the percent-encoding of the S3 URI is not UTF-8".into())),
    }
}

fn version_id(query: &str) -> Result<Option<String>, InvalidObject> {
    let refuse = |why: &'static str| Err(InvalidObject(why.into()));
    if query.is_empty() {
        return Ok(None);
    }
    let Some(value) = query.strip_prefix("versionId=") else {
        return refuse(
            "unexpected S3 query string: only `versionId` is allowed (a `?` in the key must be written `%3F`)",
        );
    };
    checked_version(decode(value)?).map(Some)
}

fn checked_version(value: String) -> Result<String, InvalidObject> {
    // AWS's own are shorter and narrower; other S3 servers differ, but none needs more than this.
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-~+/=".contains(&b);
    if value.is_empty() || value.len() > 1024 || !value.bytes().all(plain) {
        return Err(InvalidObject(
            "`versionId` must be 1 to 1024 letters, digits or `. _ - ~ + / =`, and be the only parameter"
                .into(),
        ));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<S3Uri, InvalidObject> {
        text.parse()
    }

    #[test]
    fn the_key_is_decoded() -> Result<(), InvalidObject> {
        let uri = parse("s3://abc/a%20b/c+d/%E4%BD%A0?versionId=x.Y_9-z")?;
        assert_eq!(uri.bucket().as_str(), "abc");
        assert_eq!(uri.key().as_str(), "a b/c+d/你");
        assert_eq!(uri.version_id(), Some("x.Y_9-z"));
        Ok(())
    }

    #[test]
    fn slashes_of_the_key_are_kept() -> Result<(), InvalidObject> {
        assert_eq!(parse("s3://abc//x//y/")?.key().as_str(), "/x//y/");
        Ok(())
    }

    #[test]
    fn a_percent_sign_that_encodes_nothing_is_itself() -> Result<(), InvalidObject> {
        assert_eq!(parse("s3://abc/100%.txt")?.key().as_str(), "100%.txt");
        Ok(())
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in [
            "",
            "abc/key",
            "http://abc/key",
            "S3://abc/key",
            "s3://",
            "s3://abc",
            "s3://abc/",
            "s3:///key",
            "s3://A/key",
            "s3://abc/k?version=1",
            "s3://abc/k?versionId=",
            "s3://abc/k?versionId=1&x=2",
            "s3://abc/k?x=2&versionId=1",
            "s3://abc/k#frag",
            "s3://abc/k\n",
            "s3://abc/%FF",
            "s3://user@abc/k",
            "s3://abc:80/k",
        ] {
            assert!(parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_key_has_at_most_1024_bytes() {
        assert!(ObjectKey::try_from("é".repeat(512)).is_ok());
        assert!(ObjectKey::try_from("é".repeat(513)).is_err());
    }

    proptest! {
        #[test]
        fn a_uri_that_is_shown_parses_to_the_same(key in "\\PC{1,60}|.{1,60}", version in proptest::option::of("[A-Za-z0-9._-]{1,40}")) {
            let bucket: BucketName = "my-bucket".parse().expect("a valid name");
            let key = ObjectKey::try_from(key).expect("a valid key");
            let uri = S3Uri { version_id: version, ..S3Uri::new(bucket, key) };
            // C1 control characters are not ASCII and stay as they are; a URI that holds them is refused, not misread.
            if !uri.to_string().contains(|c: char| c.is_control()) {
                prop_assert_eq!(uri.to_string().parse::<S3Uri>(), Ok(uri));
            }
        }

        #[test]
        fn parsing_never_panics(text in "(s3://)?\\PC{0,80}") {
            let _ = text.parse::<S3Uri>();
        }
    }
}
