//! Which objects of a bucket come into a package.

use glob::Pattern;

use super::PushService;
use crate::domain::bucket::BucketName;
use crate::domain::object::{KeyPrefix, ObjectKey};
use crate::error::{ErrorCode, ToolError};

/// The most objects one push brings in.
pub const MAX_COLLECTED: usize = 10_000;
/// The most keys that are looked through for them.
const MAX_LISTED: u64 = 1_000_000;
const PAGE: u32 = 1000;
/// What Quilt keeps in a bucket is nobody's data.
const QUILT: &str = ".quilt/";

/// Patterns for keys: `*` stands for any characters, `?` for one, `[..]` for one of these.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// The objects that fit, and their sizes in bytes.
    pub objects: Vec<(ObjectKey, u64)>,
    /// Keys that do not fit, or name folders.
    pub left_out: u64,
}

impl Filter {
    /// Keys that fit an `include`, or any if there is none, and no `exclude`.
    ///
    /// # Errors
    ///
    /// If one is no pattern.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, ToolError> {
        let parse = |patterns: &[String]| -> Result<Vec<Pattern>, ToolError> {
            let parsed = patterns.iter().map(|text| {
                Pattern::new(text)
                    .map_err(|why| ToolError::invalid_input(format!("`{text}` is no pattern: {why}")))
            });
            parsed.collect()
        };
        Ok(Self { include: parse(include)?, exclude: parse(exclude)? })
    }

    /// Whether a key fits, by itself or by its last part.
    fn lets_by(&self, key: &str) -> bool {
        let name = key.rsplit('/').next().unwrap_or(key);
        let fits = |pattern: &Pattern| pattern.matches(key) || pattern.matches(name);
        !self.exclude.iter().any(fits) && (self.include.is_empty() || self.include.iter().any(fits))
    }
}

impl PushService<'_> {
    /// The objects of a bucket whose keys begin with `prefix` and fit, in order. Folders are none, and neither is what Quilt keeps.
    ///
    /// # Errors
    ///
    /// The caller may not list the bucket, none fits, or too many do.
    pub async fn collect(
        &self,
        bucket: &BucketName,
        prefix: &KeyPrefix,
        filter: &Filter,
    ) -> Result<Collected, ToolError> {
        let s3 = self.auth.s3().await?;
        let (mut found, mut listed, mut next) = (Collected::default(), 0, None);
        loop {
            let page = s3.list(bucket, prefix, PAGE, next.as_deref()).await?;
            let on_page = page.objects.len() as u64;
            listed += on_page;
            for object in page.objects {
                let key = object.key.as_str();
                if key.ends_with('/') || key.starts_with(QUILT) || !filter.lets_by(key) {
                    found.left_out += 1;
                } else {
                    found.objects.push((object.key, object.size));
                }
            }
            self.steps.add(on_page, || format!("{listed} keys listed"));
            if found.objects.len() > MAX_COLLECTED || listed > MAX_LISTED {
                let message =
                    format!("more than {MAX_COLLECTED} objects fit, or {MAX_LISTED} had to be looked at");
                return Err(ToolError::new(ErrorCode::LimitExceeded, message).with_hint(
                    "narrow `source_prefix` or the patterns, or build the package in several calls",
                ));
            }
            if page.next.is_none() || page.next == next {
                break;
            }
            next = page.next;
        }
        if found.objects.is_empty() {
            let message =
                format!("no object in `{bucket}` begins with `{}` and fits the patterns", prefix.as_str());
            return Err(
                ToolError::not_found(message).with_hint("bucket_objects_list shows which keys there are")
            );
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_excluded_is_out_even_if_included() -> Result<(), ToolError> {
        let of = |patterns: &[&str]| patterns.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let filter = Filter::new(&of(&["*.csv", "docs/*"]), &of(&["*tmp*"]))?;
        for (key, fits) in [
            ("a/b.csv", true),
            ("docs/deep/x.md", true),
            ("docs/tmp.md", false),
            ("tmp/b.csv", false),
            ("b.txt", false),
        ] {
            assert_eq!(filter.lets_by(key), fits, "{key}");
        }
        assert!(Filter::new(&of(&["[a"]), &[]).is_err());
        assert!(Filter::default().lets_by("anything"));
        Ok(())
    }
}
