//! Quilt+ URIs: one text for a package, a revision of it, or an entry.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::registry::Pointer;
use crate::{HashPrefix, LogicalKey, PackageName};

/// Readable where it can be; `+` is escaped, since some readers take it for a space.
const IN_FRAGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

/// Which revision of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// The one with this hash, or the beginning of it: `@1d3f..`.
    Hash(HashPrefix),
    /// The one that this pointer names: `:latest`, `:1700000000`.
    Tag(Pointer),
}

/// `quilt+s3://bucket#package=namespace/name@hash&path=logical/key&catalog=host`
///
/// ```
/// use quilt_package::PackageUri;
///
/// let text = "quilt+s3://data#package=lab/run:latest&path=plots/a%20b.png";
/// let uri: PackageUri = text.parse()?;
/// assert_eq!(uri.path.as_ref().map(|key| key.as_str()), Some("plots/a b.png"));
/// assert_eq!(uri.to_string(), text);
/// # Ok::<_, quilt_package::InvalidUri>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageUri {
    /// The registry.
    pub bucket: String,
    /// The package.
    pub package: PackageName,
    /// Which revision; the current one if not said.
    pub revision: Option<Revision>,
    /// Which entry or directory.
    pub path: Option<LogicalKey>,
    /// The host of the catalog that shows it.
    pub catalog: Option<String>,
}

/// Why a text is no Quilt+ URI. `Display` says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidUri(String);

impl fmt::Display for InvalidUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a Quilt+ URI: {}", self.0)
    }
}

impl std::error::Error for InvalidUri {}

fn invalid(why: impl fmt::Display) -> InvalidUri {
    InvalidUri(why.to_string())
}

impl FromStr for PackageUri {
    type Err = InvalidUri;

    fn from_str(text: &str) -> Result<Self, InvalidUri> {
        let rest = text.strip_prefix("quilt+s3://").ok_or_else(|| invalid("it begins with `quilt+s3://`"))?;
        let (bucket, fragment) =
            rest.split_once('#').ok_or_else(|| invalid("it goes on with `#package=namespace/name`"))?;
        let bucket = bucket.strip_suffix('/').unwrap_or(bucket);
        if bucket.is_empty() || bucket.contains(['/', '?']) {
            return Err(invalid("one bucket stands between `quilt+s3://` and `#`"));
        }
        let [mut package, mut path, mut catalog] = [None, None, None];
        for parameter in fragment.split('&') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let place = match name {
                "package" => &mut package,
                "path" => &mut path,
                "catalog" => &mut catalog,
                _ => {
                    return Err(invalid(format_args!("`{name}` is none of `package`, `path` and `catalog`")));
                }
            };
            if place.replace(decode(value)?).is_some() {
                return Err(invalid(format_args!("`{name}` comes twice")));
            }
        }
        let package = package.ok_or_else(|| invalid("`package` is missing"))?;
        let (package, revision) = split_revision(&package)?;
        Ok(Self {
            bucket: bucket.to_owned(),
            package: package.parse().map_err(invalid)?,
            revision,
            path: path.map(|path| path.trim_end_matches('/').parse().map_err(invalid)).transpose()?,
            catalog,
        })
    }
}

fn split_revision(text: &str) -> Result<(&str, Option<Revision>), InvalidUri> {
    if let Some((package, hash)) = text.split_once('@') {
        return Ok((package, Some(Revision::Hash(hash.parse().map_err(invalid)?))));
    }
    let Some((package, tag)) = text.split_once(':') else { return Ok((text, None)) };
    let pointer = Pointer::parse(tag).ok_or_else(|| invalid("a tag is `latest` or ten digits"))?;
    Ok((package, Some(Revision::Tag(pointer))))
}

fn decode(text: &str) -> Result<String, InvalidUri> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    Ok(decoded.map_err(|_| invalid("what is percent-encoded has to be UTF-8"))?.into_owned())
}

impl fmt::Display for PackageUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = |text| utf8_percent_encode(text, IN_FRAGMENT);
        write!(f, "quilt+s3://{}#package={}", self.bucket, encode(self.package.as_str()))?;
        match &self.revision {
            None => {}
            Some(Revision::Hash(hash)) => write!(f, "@{hash}")?,
            Some(Revision::Tag(pointer)) => write!(f, ":{pointer}")?,
        }
        if let Some(path) = &self.path {
            write!(f, "&path={}", encode(path.as_str()))?;
        }
        if let Some(catalog) = &self.catalog {
            write!(f, "&catalog={}", encode(catalog))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_where_they_belong() -> Result<(), InvalidUri> {
        let uri: PackageUri =
            "quilt+s3://b#package=lab/run@1d3f00&path=a%2Bb/c&catalog=open.quiltdata.com".parse()?;
        assert_eq!((uri.bucket.as_str(), uri.package.as_str()), ("b", "lab/run"));
        assert!(matches!(&uri.revision, Some(Revision::Hash(hash)) if hash.as_str() == "1d3f00"));
        assert_eq!(uri.path.as_ref().map(LogicalKey::as_str), Some("a+b/c"));
        assert_eq!(uri.catalog.as_deref(), Some("open.quiltdata.com"));
        assert_eq!(uri.to_string().parse(), Ok(uri));
        Ok(())
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        for text in [
            "s3://b#package=a/b",
            "quilt+s3://b",
            "quilt+s3://#package=a/b",
            "quilt+s3://b/k#package=a/b",
            "quilt+s3://b#path=x",
            "quilt+s3://b#package=a",
            "quilt+s3://b#package=a/b@xyz",
            "quilt+s3://b#package=a/b:newest",
            "quilt+s3://b#package=a/b@1d3f00:latest",
            "quilt+s3://b#package=a/b&package=a/c",
            "quilt+s3://b#package=a/b&path=../c",
            "quilt+s3://b#package=a/b&unknown=1",
        ] {
            assert!(text.parse::<PackageUri>().is_err(), "{text} was accepted");
        }
    }
}
