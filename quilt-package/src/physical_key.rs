//! Where the bytes of an entry are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What Python's `quote` escapes in a path.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');
/// What Python's `quote_plus` escapes; it writes a space as `+`.
const IN_QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b' ');

/// An object in S3, or a local file.
///
/// `Display` is the spelling of manifests.
///
/// ```
/// use quilt_package::PhysicalKey;
///
/// let key: PhysicalKey = "s3://data/runs/a%20b.csv?versionId=3f".parse()?;
/// let object = key.s3().expect("an object");
/// assert_eq!((object.key.as_str(), object.version.as_deref()), ("runs/a b.csv", Some("3f")));
/// # Ok::<_, quilt_package::InvalidPhysicalKey>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PhysicalKey {
    /// In S3.
    S3(S3Object),
    /// On the machine that wrote the manifest. Nobody else can read it; do not publish such an entry.
    Local(PathBuf),
}

/// One object, or one version of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct S3Object {
    /// The bucket.
    pub bucket: String,
    /// The key, not encoded.
    pub key: String,
    /// The version. None in a bucket that never had versions; `null` for objects older than its versions.
    pub version: Option<String>,
}

/// Why a text is no physical key. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPhysicalKey(&'static str);

impl fmt::Display for InvalidPhysicalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a physical key: {}", self.0)
    }
}

impl std::error::Error for InvalidPhysicalKey {}

impl PhysicalKey {
    /// The object, if it is one in S3.
    pub fn s3(&self) -> Option<&S3Object> {
        match self {
            Self::S3(object) => Some(object),
            Self::Local(_) => None,
        }
    }
}

impl From<S3Object> for PhysicalKey {
    fn from(object: S3Object) -> Self {
        Self::S3(object)
    }
}

impl FromStr for PhysicalKey {
    type Err = InvalidPhysicalKey;

    fn from_str(text: &str) -> Result<Self, InvalidPhysicalKey> {
        if let Some(rest) = text.strip_prefix("s3://") {
            return object(rest).map(Self::S3);
        }
        let rest =
            text.strip_prefix("file://").ok_or(InvalidPhysicalKey("it begins with `s3://` or `file://`"))?;
        let path = rest.strip_prefix("localhost").unwrap_or(rest);
        if !path.starts_with('/') {
            return Err(InvalidPhysicalKey("a local file has an absolute path, as in `file:///data/a.csv`"));
        }
        if path.contains(['?', '#']) {
            return Err(InvalidPhysicalKey("`?` and `#` in a path are written `%3F` and `%23`"));
        }
        decode(path).map(|path| Self::Local(path.into()))
    }
}

fn object(text: &str) -> Result<S3Object, InvalidPhysicalKey> {
    if text.contains('#') {
        return Err(InvalidPhysicalKey("`#` in a key is written `%23`"));
    }
    let (place, query) = match text.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (text, None),
    };
    let (bucket, key) = place.split_once('/').unwrap_or((place, ""));
    if bucket.is_empty() || key.is_empty() {
        return Err(InvalidPhysicalKey("it names a bucket and a key, as in `s3://bucket/key`"));
    }
    let version = query.filter(|query| !query.is_empty()).map(|query| {
        let value = query
            .strip_prefix("versionId=")
            .filter(|value| !value.is_empty() && !value.contains('&'))
            .ok_or(InvalidPhysicalKey("`versionId` is the only parameter, once"))?;
        decode(&value.replace('+', " "))
    });
    Ok(S3Object { bucket: bucket.to_owned(), key: decode(key)?, version: version.transpose()? })
}

fn decode(text: &str) -> Result<String, InvalidPhysicalKey> {
    let decoded = percent_decode_str(text).decode_utf8();
    Ok(decoded.map_err(|_| InvalidPhysicalKey("what is percent-encoded has to be UTF-8"))?.into_owned())
}

impl fmt::Display for PhysicalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3(object) => object.fmt(f),
            Self::Local(path) => write!(f, "file://{}", quoted(path)),
        }
    }
}

impl fmt::Display for S3Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, utf8_percent_encode(&self.key, IN_PATH))?;
        if let Some(version) = &self.version {
            f.write_str("?versionId=")?;
            for (at, word) in version.split(' ').enumerate() {
                f.write_str(if at == 0 { "" } else { "+" })?;
                utf8_percent_encode(word, IN_QUERY).fmt(f)?;
            }
        }
        Ok(())
    }
}

fn quoted(path: &Path) -> String {
    utf8_percent_encode(&path.to_string_lossy(), IN_PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spelled_as_python_spells_them() -> Result<(), InvalidPhysicalKey> {
        for text in [
            "s3://b/a%2Bb%21%27%28%29%2A~_.-/%C3%A9",
            "s3://b/a%20b?versionId=x",
            "s3://b/k?versionId=a+b%2B%2F",
            "s3://b/k?versionId=null",
            "s3://b/%3Fa%23b%25",
            "s3://b/a//b/",
            "file:///tmp/a%20b.csv",
        ] {
            assert_eq!(text.parse::<PhysicalKey>()?.to_string(), text);
        }
        Ok(())
    }

    #[test]
    fn foreign_spellings_are_read() -> Result<(), InvalidPhysicalKey> {
        for (foreign, own) in [
            ("s3://b/a+b!", "s3://b/a%2Bb%21"),
            ("s3://b/k?versionId=a%20b", "s3://b/k?versionId=a+b"),
            ("s3://b/k?", "s3://b/k"),
            ("file://localhost/tmp/a", "file:///tmp/a"),
        ] {
            assert_eq!(foreign.parse::<PhysicalKey>()?.to_string(), own);
        }
        Ok(())
    }

    #[test]
    fn what_names_no_object_is_refused() {
        for text in [
            "",
            "b/k",
            "s3://",
            "s3://b",
            "s3://b/",
            "s3:///k",
            "s3://b/k?x=1",
            "s3://b/k?versionId=1&x=2",
            "s3://b/k?versionId=",
            "s3://b/k#f",
            "s3://b/%FF",
            "file://host/a",
            "file:a",
            "https://b/k",
        ] {
            assert!(text.parse::<PhysicalKey>().is_err(), "{text} was accepted");
        }
    }
}
