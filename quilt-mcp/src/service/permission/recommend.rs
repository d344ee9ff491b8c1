//! Which of the caller's buckets suit a purpose.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::bucket::BucketName;
use crate::domain::permission::{BucketRights, PermissionLevel, Verdict};

/// The most buckets that are called best.
const BEST: usize = 3;

/// The most others that are named.
const OTHERS: usize = 5;

/// What a bucket is wanted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Purpose {
    /// To make packages in.
    #[default]
    PackageCreation,
    /// To keep data in.
    DataStorage,
    /// To keep something for a while.
    TemporaryStorage,
}

impl Purpose {
    /// Words in a bucket's name that speak for the purpose.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::PackageCreation => &["package", "registry", "quilt", "results", "analysis"],
            Self::DataStorage => &["data", "storage", "archive", "lake", "raw"],
            Self::TemporaryStorage => &["tmp", "temp", "scratch", "sandbox", "staging"],
        }
    }

    /// What counts, for a person.
    pub fn criteria(self) -> Vec<String> {
        vec![
            "you may certainly write to it; reading and listing count as well".to_owned(),
            format!("its name has one of: {}", self.words().join(", ")),
            "it is in the region of the source bucket".to_owned(),
            "its name has the department that was given".to_owned(),
        ]
    }

    /// Whether the name of `bucket` speaks for the purpose.
    pub fn is_named_in(self, bucket: &BucketName) -> bool {
        self.words().iter().any(|word| bucket.as_str().contains(word))
    }
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// What for.
    pub purpose: Purpose,
    /// The bucket the data comes from: never recommended itself.
    pub source: Option<&'a BucketRights>,
    /// The department the bucket should be of.
    pub department: Option<&'a str>,
}

/// A bucket that may suit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The bucket.
    pub bucket: BucketName,
    /// What the caller may do with it.
    pub level: PermissionLevel,
    /// Where it is.
    pub region: Option<String>,
    /// How well it suits, 0 to 100.
    pub score: u8,
    /// Why, one reason a line.
    pub rationale: Vec<String>,
}

/// The buckets that suit, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recommendations {
    /// The best, all of which the caller may certainly write to.
    pub primary: Vec<Candidate>,
    /// Others: those that come after the best, and those of which writing is not known.
    pub alternatives: Vec<Candidate>,
}

/// The buckets of `known` that suit `wish`.
pub fn recommend(wish: Wish<'_>, known: &[&BucketRights]) -> Recommendations {
    let others =
        known.iter().filter(|rights| wish.source.is_none_or(|source| source.bucket != rights.bucket));
    let (mut sure, mut unsure) = (Vec::new(), Vec::new());
    for rights in others {
        match rights.write.verdict {
            Verdict::Yes => sure.push(candidate(wish, rights)),
            Verdict::Unknown if rights.read.verdict == Verdict::Yes => unsure.push(candidate(wish, rights)),
            Verdict::Unknown | Verdict::No => {}
        }
    }
    for list in [&mut sure, &mut unsure] {
        list.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.bucket.cmp(&b.bucket)));
    }
    let rest = sure.split_off(sure.len().min(BEST));
    Recommendations { primary: sure, alternatives: rest.into_iter().chain(unsure).take(OTHERS).collect() }
}

fn candidate(wish: Wish<'_>, rights: &BucketRights) -> Candidate {
    let mut score = 0;
    let mut rationale = Vec::new();
    let mut count = |points: u8, applies: bool, reason: &str| {
        if applies {
            score += points;
            rationale.push(reason.to_owned());
        }
    };
    count(30, rights.write.verdict == Verdict::Yes, "you may write to it");
    count(0, rights.write.verdict == Verdict::Unknown, "whether you may write to it is not known");
    count(15, rights.read.verdict == Verdict::Yes, "you may read it");
    count(15, rights.list.verdict == Verdict::Yes, "you may list it");
    count(20, wish.purpose.is_named_in(&rights.bucket), "its name speaks for this purpose");
    let named = |department: &str| {
        let department = department.trim().to_ascii_lowercase();
        !department.is_empty() && rights.bucket.as_str().contains(&department)
    };
    count(10, wish.department.is_some_and(named), "its name has your department");
    let near = wish
        .source
        .and_then(|source| source.region.as_ref())
        .is_some_and(|region| rights.region.as_ref() == Some(region));
    count(10, near, "it is in the region of the source bucket");
    Candidate {
        bucket: rights.bucket.clone(),
        level: rights.level(),
        region: rights.region.clone(),
        score,
        rationale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::permission::Finding;

    fn rights(name: &str, write: Finding, region: &str) -> BucketRights {
        BucketRights {
            bucket: name.parse().expect("a name"),
            region: Some(region.into()),
            read: Finding::yes(""),
            write,
            list: Finding::yes(""),
            faults: Vec::new(),
        }
    }

    fn names(candidates: &[Candidate]) -> Vec<&str> {
        candidates.iter().map(|c| c.bucket.as_str()).collect()
    }

    #[test]
    fn only_buckets_that_can_certainly_be_written_are_best() {
        let known = [
            rights("plain", Finding::yes(""), "us-east-1"),
            rights("my-packages", Finding::yes(""), "us-east-1"),
            rights("maybe-packages", Finding::unknown(""), "us-east-1"),
            rights("never-packages", Finding::no(""), "us-east-1"),
        ];
        let known: Vec<_> = known.iter().collect();
        let wish = Wish { purpose: Purpose::PackageCreation, source: None, department: None };
        let found = recommend(wish, &known);
        assert_eq!(names(&found.primary), ["my-packages", "plain"]);
        assert_eq!(names(&found.alternatives), ["maybe-packages"]);
    }

    #[test]
    fn region_and_department_count_and_the_source_is_left_out() {
        let source = rights("source", Finding::yes(""), "eu-west-1");
        let known = [
            source.clone(),
            rights("aaa", Finding::yes(""), "us-east-1"),
            rights("bbb-genomics", Finding::yes(""), "eu-west-1"),
            rights("ccc", Finding::yes(""), "us-east-1"),
            rights("ddd", Finding::yes(""), "us-east-1"),
        ];
        let known: Vec<_> = known.iter().collect();
        let wish =
            Wish { purpose: Purpose::DataStorage, source: Some(&source), department: Some(" Genomics ") };
        let found = recommend(wish, &known);
        assert_eq!(names(&found.primary), ["bbb-genomics", "aaa", "ccc"]);
        assert_eq!(found.primary[0].score, 80);
        assert_eq!(names(&found.alternatives), ["ddd"]);
    }
}
