//! The names of the indices that hold what is in buckets.

use super::SearchScope;
use crate::domain::bucket::BucketName;

/// What follows a bucket's name in the name of the index of its packages.
const PACKAGES: &str = "_packages";
/// What follows it while an index is made anew.
const REINDEX: &str = "-reindex-";
/// The longest list of names, in bytes: it becomes part of a URL.
const LONGEST: usize = 4_000;

/// Which indices are asked, and for which buckets they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indices {
    buckets: Vec<BucketName>,
    names: Vec<String>,
}

impl Indices {
    /// Those of as many of `buckets`, from the first on, as one request has room for.
    pub fn of(scope: SearchScope, buckets: &[BucketName]) -> Self {
        let mut length = 0;
        let (mut taken, mut names) = (Vec::new(), Vec::new());
        for bucket in buckets {
            let own = of_bucket(scope, bucket);
            length += own.iter().map(|name| name.len() + 1).sum::<usize>();
            if length > LONGEST {
                break;
            }
            taken.push(bucket.clone());
            names.extend(own);
        }
        Self { buckets: taken, names }
    }

    /// The buckets that they stand for.
    pub fn buckets(&self) -> &[BucketName] {
        &self.buckets
    }

    /// The names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// As the search endpoint wants them: separated by commas.
    pub fn joined(&self) -> String {
        self.names.join(",")
    }

    /// The bucket whose index `name` is, if it was asked for. An index that is made anew counts as the bucket's.
    pub fn bucket_of(&self, name: &str) -> Option<&BucketName> {
        let is_of = |bucket: &&BucketName| {
            let rest = name.strip_prefix(bucket.as_str());
            let rest = rest.map(|rest| rest.strip_prefix(PACKAGES).unwrap_or(rest));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(REINDEX))
        };
        // A bucket's own name may go on with `-reindex-`.
        self.buckets.iter().filter(is_of).max_by_key(|bucket| bucket.as_str().len())
    }
}

fn of_bucket(scope: SearchScope, bucket: &BucketName) -> Vec<String> {
    let objects = bucket.to_string();
    let packages = format!("{bucket}{PACKAGES}");
    match scope {
        SearchScope::File => vec![objects],
        SearchScope::Package | SearchScope::PackageEntry => vec![packages],
        SearchScope::Global => vec![objects, packages],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(names: &[&str]) -> Vec<BucketName> {
        names.iter().map(|name| name.parse().expect("a name")).collect()
    }

    #[test]
    fn each_scope_has_its_indices() {
        let two = buckets(&["aaa", "bbb"]);
        for (scope, names) in [
            (SearchScope::File, "aaa,bbb"),
            (SearchScope::Package, "aaa_packages,bbb_packages"),
            (SearchScope::PackageEntry, "aaa_packages,bbb_packages"),
            (SearchScope::Global, "aaa,aaa_packages,bbb,bbb_packages"),
        ] {
            assert_eq!(Indices::of(scope, &two).joined(), names);
        }
    }

    #[test]
    fn an_index_is_its_buckets_also_while_it_is_made_anew() {
        let indices = Indices::of(SearchScope::Global, &buckets(&["aaa", "aaa-reindex-x"]));
        for (name, bucket) in [
            ("aaa", Some("aaa")),
            ("aaa_packages", Some("aaa")),
            ("aaa-reindex-v1", Some("aaa")),
            ("aaa_packages-reindex-v1", Some("aaa")),
            ("aaa-reindex-x", Some("aaa-reindex-x")),
            ("aaab", None),
            ("other", None),
        ] {
            assert_eq!(indices.bucket_of(name).map(BucketName::as_str), bucket, "{name}");
        }
    }

    #[test]
    fn no_more_are_asked_than_a_url_has_room_for() {
        let many: Vec<BucketName> =
            (0..500).map(|n| format!("bucket-{n:03}").parse().expect("a name")).collect();
        let indices = Indices::of(SearchScope::Global, &many);
        assert!(indices.joined().len() <= LONGEST);
        assert_eq!(indices.names().len(), indices.buckets().len() * 2);
        assert_eq!(indices.buckets(), &many[..indices.buckets().len()]);
    }
}
