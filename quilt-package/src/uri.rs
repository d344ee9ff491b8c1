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
/// use quilt_package::QuiltUri;
///
/// let text = "quilt+s3://data#package=lab/run:latest&path=plots/a%20b.png";
/// let uri: QuiltUri = text.parse()?;
/// let path = uri.package.as_ref().and_then(|package| package.path.as_ref());
/// assert_eq!(path.map(|key| key.as_str()), Some("plots/a b.png"));
/// assert_eq!(uri.to_string(), text);
/// # Ok::<_, quilt_package::InvalidUri>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuiltUri {
    /// The registry.
    pub bucket: String,
    /// The package; without one the URI names the bucket.
    pub package: Option<UriPackage>,
    /// The host of the catalog that shows it.
    pub catalog: Option<String>,
}

/// The package that a [`QuiltUri`] names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriPackage {
    /// Its name.
    pub name: PackageName,
    /// Which revision; the current one if not said.
    pub revision: Option<Revision>,
    /// Which entry or directory.
    pub path: Option<LogicalKey>,
}

impl QuiltUri {
    /// The current revision of a package, in whatever catalog.
    pub fn of_package(bucket: &str, name: PackageName) -> Self {
        let package = UriPackage { name, revision: None, path: None };
        Self { bucket: bucket.to_owned(), package: Some(package), catalog: None }
    }
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

impl FromStr for QuiltUri {
    type Err = InvalidUri;

    fn from_str(text: &str) -> Result<Self, InvalidUri> {
        let rest = text.strip_prefix("quilt+s3://").ok_or_else(|| invalid("it begins with `quilt+s3://`"))?;
        let (bucket, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let bucket = bucket.strip_suffix('/').unwrap_or(bucket);
        if bucket.is_empty() || bucket.contains(['/', '?']) {
            return Err(invalid("one bucket stands between `quilt+s3://` and `#`"));
        }
        let [mut package, mut path, mut catalog] = [None, None, None];
        for parameter in fragment.split('&').filter(|_| !fragment.is_empty()) {
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
        let package = match (package, path) {
            (Some(package), path) => Some(UriPackage::read(&package, path.as_deref())?),
            (None, Some(_)) => return Err(invalid("`path` needs a `package`")),
            (None, None) => None,
        };
        Ok(Self { bucket: bucket.to_owned(), package, catalog })
    }
}

impl UriPackage {
    fn read(text: &str, path: Option<&str>) -> Result<Self, InvalidUri> {
        let (name, revision) = split_revision(text)?;
        let path = path.map(|path| path.trim_end_matches('/').parse().map_err(invalid)).transpose()?;
        Ok(Self { name: name.parse().map_err(invalid)?, revision, path })
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

impl fmt::Display for QuiltUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "quilt+s3://{}", self.bucket)?;
        if let Some(package) = &self.package {
            write!(f, "#{package}")?;
        }
        match &self.catalog {
            None => Ok(()),
            Some(catalog) => {
                let separator = if self.package.is_some() { '&' } else { '#' };
                write!(f, "{separator}catalog={}", utf8_percent_encode(catalog, IN_FRAGMENT))
            }
        }
    }
}

impl fmt::Display for UriPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "package={}", utf8_percent_encode(self.name.as_str(), IN_FRAGMENT))?;
        match &self.revision {
            None => {}
            Some(Revision::Hash(hash)) => write!(f, "@{hash}")?,
            Some(Revision::Tag(pointer)) => write!(f, ":{pointer}")?,
        }
        match &self.path {
            None => Ok(()),
            Some(path) => write!(f, "&path={}", utf8_percent_encode(path.as_str(), IN_FRAGMENT)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_where_they_belong() -> Result<(), InvalidUri> {
        let uri: QuiltUri =
            "quilt+s3://b#package=lab/run@1d3f00&path=a%2Bb/c&catalog=open.quiltdata.com".parse()?;
        let package = uri.package.clone().ok_or_else(|| invalid("no package"))?;
        assert_eq!((uri.bucket.as_str(), package.name.as_str()), ("b", "lab/run"));
        assert!(matches!(&package.revision, Some(Revision::Hash(hash)) if hash.as_str() == "1d3f00"));
        assert_eq!(package.path.as_ref().map(LogicalKey::as_str), Some("a+b/c"));
        assert_eq!(uri.catalog.as_deref(), Some("open.quiltdata.com"));
        assert_eq!(uri.to_string().parse(), Ok(uri));
        Ok(())
    }

    #[test]
    fn a_bucket_alone_has_a_uri_too() {
        for text in ["quilt+s3://b", "quilt+s3://b#catalog=open.quiltdata.com"] {
            let uri = text.parse::<QuiltUri>().expect("a URI");
            assert_eq!((uri.package.is_none(), uri.to_string().as_str()), (true, text));
        }
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        for text in [
            "s3://b#package=a/b",
            "quilt+s3://",
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
            assert!(text.parse::<QuiltUri>().is_err(), "{text} was accepted");
        }
    }
}
