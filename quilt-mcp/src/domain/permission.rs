//! What a caller may do with a bucket, as far as it can be known.
//!
//! Every right has three values. "No" is said on evidence of a refusal only; a failure to find out is "unknown".

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::BucketName;

/// A thing one may do with a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Right {
    /// Read its objects.
    Read,
    /// Write objects.
    Write,
    /// List its keys.
    List,
}

impl Right {
    /// Every right, in the order they are asked for when nobody names one.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::List];
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::List => "list",
        })
    }
}

/// Whether a right is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Verdict {
    /// There is evidence of it.
    Yes,
    /// There is evidence of a refusal.
    No,
    /// There is evidence of neither.
    Unknown,
}

/// A verdict and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// Whether the right is there: `yes`, `no` or `unknown`.
    pub verdict: Verdict,
    /// What was tried, and what came of it.
    pub evidence: String,
}

impl Finding {
    /// The right is there.
    pub fn yes(evidence: impl Into<String>) -> Self {
        Self { verdict: Verdict::Yes, evidence: evidence.into() }
    }

    /// The right was refused.
    pub fn no(evidence: impl Into<String>) -> Self {
        Self { verdict: Verdict::No, evidence: evidence.into() }
    }

    /// It could not be found out.
    pub fn unknown(evidence: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unknown, evidence: evidence.into() }
    }
}

/// What one caller may do with one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketRights {
    /// The bucket.
    pub bucket: BucketName,
    /// Where it is, if that could be found out.
    pub region: Option<String>,
    /// May its objects be read.
    pub read: Finding,
    /// May objects be written.
    pub write: Finding,
    /// May its keys be listed.
    pub list: Finding,
    /// What went wrong while finding out (a timeout, a fault of AWS). With any of these, asking again may tell more.
    pub faults: Vec<String>,
}

impl BucketRights {
    /// The finding for one right.
    pub fn finding(&self, right: Right) -> &Finding {
        match right {
            Right::Read => &self.read,
            Right::Write => &self.write,
            Right::List => &self.list,
        }
    }

    /// The three rights as one word.
    pub fn level(&self) -> PermissionLevel {
        PermissionLevel::of(self.read.verdict, self.write.verdict, self.list.verdict)
    }

    /// Whether asking again would tell the same: only then may the answer be kept.
    pub fn is_settled(&self) -> bool {
        self.faults.is_empty()
    }
}

/// The three rights as one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum PermissionLevel {
    /// Read, write and list.
    FullAccess,
    /// Read and write, but not list.
    ReadWrite,
    /// Read and list, but not write.
    ReadOnly,
    /// List, but not read.
    ListOnly,
    /// Nothing that amounts to one of the others.
    NoAccess,
    /// It depends on a right that is unknown.
    Unknown,
}

impl PermissionLevel {
    /// The level of these verdicts: [`Unknown`](Self::Unknown) unless every way to settle the unknown ones gives the
    /// same level.
    pub fn of(read: Verdict, write: Verdict, list: Verdict) -> Self {
        let mut settled = None;
        for &r in possible(read) {
            for &w in possible(write) {
                for &l in possible(list) {
                    let level = Self::of_known(r, w, l);
                    if settled.is_some_and(|earlier| earlier != level) {
                        return Self::Unknown;
                    }
                    settled = Some(level);
                }
            }
        }
        settled.unwrap_or(Self::Unknown)
    }

    fn of_known(read: bool, write: bool, list: bool) -> Self {
        match (read, write, list) {
            (true, true, true) => Self::FullAccess,
            (true, true, false) => Self::ReadWrite,
            (true, false, true) => Self::ReadOnly,
            (false, _, true) => Self::ListOnly,
            _ => Self::NoAccess,
        }
    }
}

fn possible(verdict: Verdict) -> &'static [bool] {
    match verdict {
        Verdict::Yes => &[true],
        Verdict::No => &[false],
        Verdict::Unknown => &[true, false],
    }
}

/// For whom AWS takes a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsIdentity {
    /// AWS's unique id: of an assumed role, with the session's name.
    pub user_id: String,
    /// The ARN.
    pub arn: String,
    /// The account that owns the identity, 12 digits.
    pub account_id: String,
}

impl AwsIdentity {
    /// What kind of identity the ARN names.
    pub fn kind(&self) -> IdentityKind {
        match self.resource().split_once('/').map_or(self.resource(), |(kind, _)| kind) {
            "user" => IdentityKind::User,
            "role" => IdentityKind::Role,
            "assumed-role" => IdentityKind::AssumedRole,
            "federated-user" => IdentityKind::Federated,
            "root" => IdentityKind::Root,
            _ => IdentityKind::Unknown,
        }
    }

    /// The name of the user or role; for an assumed role, the role's.
    pub fn name(&self) -> &str {
        let mut parts = self.resource().split('/').skip(1);
        let name = if self.kind() == IdentityKind::AssumedRole { parts.next() } else { parts.last() };
        name.unwrap_or_else(|| self.resource())
    }

    /// The ARN whose policies apply, to be asked about at IAM. An assumed role's ARN does not show the path of the
    /// role, so this is right only for a role without one.
    pub fn policy_source_arn(&self) -> Option<String> {
        match self.kind() {
            IdentityKind::User | IdentityKind::Role => Some(self.arn.clone()),
            IdentityKind::AssumedRole => {
                let partition = self.arn.split(':').nth(1)?;
                Some(format!("arn:{partition}:iam::{}:role/{}", self.account_id, self.name()))
            }
            IdentityKind::Federated | IdentityKind::Root | IdentityKind::Unknown => None,
        }
    }

    fn resource(&self) -> &str {
        self.arn.splitn(6, ':').nth(5).unwrap_or_default()
    }
}

/// What kind of identity an ARN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum IdentityKind {
    /// An IAM user.
    User,
    /// An IAM role itself.
    Role,
    /// A session of a role.
    AssumedRole,
    /// A federated user.
    Federated,
    /// The root of an account.
    Root,
    /// Something else.
    Unknown,
}

#[cfg(test)]
mod tests {
    use Verdict::{No, Unknown, Yes};

    use super::*;

    fn identity(arn: &str) -> AwsIdentity {
        AwsIdentity { user_id: "AROA".into(), arn: arn.into(), account_id: "123456789012".into() }
    }

    #[test]
    fn levels_of_what_is_known() {
        for (read, write, list, level) in [
            (Yes, Yes, Yes, PermissionLevel::FullAccess),
            (Yes, Yes, No, PermissionLevel::ReadWrite),
            (Yes, No, Yes, PermissionLevel::ReadOnly),
            (No, No, Yes, PermissionLevel::ListOnly),
            (No, No, No, PermissionLevel::NoAccess),
        ] {
            assert_eq!(PermissionLevel::of(read, write, list), level);
        }
    }

    #[test]
    fn an_unknown_right_is_never_taken_for_a_yes_or_a_no() {
        assert_eq!(PermissionLevel::of(Yes, Unknown, Yes), PermissionLevel::Unknown);
        assert_eq!(PermissionLevel::of(Unknown, Unknown, No), PermissionLevel::Unknown);
        assert_eq!(PermissionLevel::of(Unknown, Unknown, Unknown), PermissionLevel::Unknown);
    }

    #[test]
    fn an_unknown_right_that_changes_nothing_does_not_hide_the_level() {
        assert_eq!(PermissionLevel::of(No, Unknown, Yes), PermissionLevel::ListOnly);
        assert_eq!(PermissionLevel::of(No, Unknown, No), PermissionLevel::NoAccess);
    }

    #[test]
    fn an_assumed_role_is_known_as_one() {
        let session = identity("arn:aws:sts::123456789012:assumed-role/analyst/alice");
        assert_eq!(session.kind(), IdentityKind::AssumedRole);
        assert_eq!(session.name(), "analyst");
        assert_eq!(session.policy_source_arn().as_deref(), Some("arn:aws:iam::123456789012:role/analyst"));
    }

    #[test]
    fn users_and_others() {
        let user = identity("arn:aws-cn:iam::123456789012:user/team/bob");
        assert_eq!((user.kind(), user.name()), (IdentityKind::User, "bob"));
        assert_eq!(user.policy_source_arn().as_deref(), Some("arn:aws-cn:iam::123456789012:user/team/bob"));
        assert_eq!(identity("arn:aws:iam::123456789012:root").kind(), IdentityKind::Root);
        assert_eq!(identity("nonsense").kind(), IdentityKind::Unknown);
        assert_eq!(identity("nonsense").policy_source_arn(), None);
    }
}
