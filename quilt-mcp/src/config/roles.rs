//! Which AWS role a tenant's token may name.
//!
//! The server may assume every tenant's role, so a token's word is not enough: the operator says which roles belong to
//! which tenant. A pattern is a role ARN in which `*` stands for any run of characters *within one path segment* of the
//! role: `role/quilt-*` covers `role/quilt-reader`, not `role/quilt-x/admin`. The partition and the account are always
//! written out, since a wildcard there would let one tenant's token use another tenant's account.

use std::collections::BTreeMap;
use std::fmt;

use super::{ConfigError, Setting};
use crate::domain::principal::valid_identifier;

/// A well-formed ARN of an IAM role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleArn(String);

impl RoleArn {
    /// `None` unless it is `arn:<partition>:iam::<12 digits>:role/<path and name>` within the limits of IAM.
    pub fn parse(text: &str) -> Option<Self> {
        Parts::split(text).filter(|parts| parts.role.split('/').all(|segment| plain(segment, b"")))?;
        Some(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A role ARN that may have `*` within the segments of the role's path and name.
#[derive(Clone, PartialEq, Eq)]
pub struct RolePattern(String);

impl RolePattern {
    /// # Errors
    ///
    /// It is no role ARN, or has a wildcard where none is allowed.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let fixed = text.split(":role/").next().unwrap_or_default();
        if fixed.contains('*') {
            return Err(ConfigError::new(format!(
                "the role pattern {text:?} has `*` outside the role's name, so one tenant could use another's account: \
                 write partition and account out, as in arn:aws:iam::123456789012:role/quilt-*"
            )));
        }
        let well_formed =
            Parts::split(text).is_some_and(|parts| parts.role.split('/').all(|segment| plain(segment, b"*")));
        if !well_formed {
            return Err(ConfigError::new(format!(
                "the role pattern {text:?} is no role ARN: write it as arn:aws:iam::123456789012:role/quilt-*"
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether it covers `role`.
    pub fn matches(&self, role: &RoleArn) -> bool {
        let (Some(pattern), Some(role)) = (Parts::split(&self.0), Parts::split(&role.0)) else {
            return false;
        };
        pattern.partition == role.partition
            && pattern.account == role.account
            && pattern.role.split('/').count() == role.role.split('/').count()
            && pattern.role.split('/').zip(role.role.split('/')).all(|(pattern, text)| covers(pattern, text))
    }
}

impl fmt::Debug for RolePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The roles of each tenant. A tenant that is not named has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedRoles(BTreeMap<String, Vec<RolePattern>>);

impl AllowedRoles {
    /// Reads `tenant=arn-pattern` pairs.
    ///
    /// # Errors
    ///
    /// There is no pair, or one is malformed.
    pub fn parse(pairs: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, ConfigError> {
        let mut roles: BTreeMap<String, Vec<RolePattern>> = BTreeMap::new();
        for pair in pairs {
            let pair = pair.as_ref().trim();
            let Some((tenant, pattern)) = pair.split_once('=') else {
                return Err(ConfigError::new(format!(
                    "{pair:?} in {} is no tenant=arn-pattern pair. Write acme=arn:aws:iam::123456789012:role/quilt-*; \
                     a role with a comma in its name needs {}",
                    Setting::AllowedRoles.variable(),
                    Setting::AllowedRolesFile.variable(),
                )));
            };
            if !valid_identifier(tenant) {
                return Err(ConfigError::new(format!(
                    "the tenant {tenant:?} in {} is not 1 to 128 of A-Z a-z 0-9 . _ : @ | - (there is no wildcard for \
                     tenants: name each)",
                    Setting::AllowedRoles.variable(),
                )));
            }
            roles.entry(tenant.to_owned()).or_default().push(RolePattern::parse(pattern)?);
        }
        if roles.is_empty() {
            return Err(ConfigError::new(format!(
                "{} names no role, so that no caller could do anything: write at least one tenant=arn-pattern pair",
                Setting::AllowedRoles.variable(),
            )));
        }
        Ok(Self(roles))
    }

    /// Reads one pair a line. Blank lines, and lines that start with `#`, do not count.
    ///
    /// # Errors
    ///
    /// As [`AllowedRoles::parse`].
    pub fn parse_lines(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')))
    }

    /// The tenants that have roles.
    pub fn tenants(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a token of `tenant` may name `role`. Tenants are compared byte by byte.
    pub fn permit(&self, tenant: &str, role: &RoleArn) -> bool {
        self.0.get(tenant).is_some_and(|patterns| patterns.iter().any(|pattern| pattern.matches(role)))
    }
}

/// A role ARN taken apart.
struct Parts<'a> {
    partition: &'a str,
    account: &'a str,
    /// Path and name, without a slash in front.
    role: &'a str,
}

impl<'a> Parts<'a> {
    /// The limits are IAM's: 64 characters of name, 512 of path.
    fn split(arn: &'a str) -> Option<Self> {
        let mut fields = arn.splitn(6, ':');
        let (scheme, partition, service, region, account, resource) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let role = resource.strip_prefix("role/")?;
        let name = role.rsplit('/').next()?;
        let good = scheme == "arn"
            && (partition == "aws"
                || partition.strip_prefix("aws-").is_some_and(|rest| {
                    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
                }))
            && partition.len() <= 32
            && service == "iam"
            && region.is_empty()
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && name.len() <= 64
            && role.len() - name.len() <= 510;
        good.then_some(Self { partition, account, role })
    }
}

fn plain(segment: &str, also: &[u8]) -> bool {
    !segment.is_empty()
        && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b) || also.contains(&b))
}

/// Whether `pattern`, in which `*` is any run of characters, covers all of `text`. Linear but for one level of going
/// back, so that no pattern is slow.
fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut last_star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            last_star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star, from)) = last_star {
            last_star = Some((star, from + 1));
            p = star + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "arn:aws:iam::123456789012:role/";

    fn permits(pattern: &str, role: &str) -> bool {
        let roles = AllowedRoles::parse([format!("acme={ACCOUNT}{pattern}")]).expect("a good pattern");
        let role = RoleArn::parse(&format!("{ACCOUNT}{role}")).expect("a good role");
        roles.permit("acme", &role)
    }

    #[test]
    fn a_pattern_covers_whole_segments_and_never_crosses_one() {
        for (pattern, role, expected) in [
            ("reader", "reader", true),
            ("reader", "reader2", false),
            ("reader", "Reader", false),
            ("quilt-*", "quilt-reader", true),
            ("quilt-*", "quilt-", true),
            ("quilt-*", "xquilt-reader", false),
            ("quilt-*", "quilt-x/admin", false),
            ("*", "anything", true),
            ("*", "path/anything", false),
            ("*/anything", "path/anything", true),
            ("*-quilt-*-ro", "eu-quilt-data-ro", true),
            ("*-quilt-*-ro", "eu-quilt-ro", false),
            ("a*b*c", "abbbcbc", true),
            ("a*b*c", "abbbcb", false),
            ("**", "x", true),
        ] {
            assert_eq!(permits(pattern, role), expected, "{pattern} {role}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_not_slow() {
        let pattern = "*a".repeat(31);
        assert!(!permits(&pattern, &"b".repeat(64)));
    }

    #[test]
    fn tenant_partition_and_account_are_exact() {
        let roles = AllowedRoles::parse(["acme=arn:aws:iam::123456789012:role/*"]).expect("good");
        let own = RoleArn::parse("arn:aws:iam::123456789012:role/r").expect("good");
        assert!(roles.permit("acme", &own));
        for tenant in ["Acme", "acme2", "acm", "", "other"] {
            assert!(!roles.permit(tenant, &own), "{tenant}");
        }
        for other in ["arn:aws:iam::123456789013:role/r", "arn:aws-cn:iam::123456789012:role/r"] {
            assert!(!roles.permit("acme", &RoleArn::parse(other).expect("good")), "{other}");
        }
    }

    #[test]
    fn only_a_role_arn_is_a_role_arn() {
        for good in [
            "arn:aws:iam::123456789012:role/r",
            "arn:aws-us-gov:iam::123456789012:role/r",
            "arn:aws:iam::123456789012:role/service/path/a+=,.@_-Z9",
        ] {
            assert!(RoleArn::parse(good).is_some(), "{good}");
        }
        let long = format!("arn:aws:iam::123456789012:role/{}", "r".repeat(65));
        for bad in [
            "",
            "r",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role//r",
            "arn:aws:iam::123456789012:role/r/",
            "arn:aws:iam::123456789012:user/r",
            "arn:aws:iam::12345678901:role/r",
            "arn:aws:iam::1234567890123:role/r",
            "arn:aws:iam::12345678901x:role/r",
            "arn:aws:iam:us-east-1:123456789012:role/r",
            "arn:aws:sts::123456789012:role/r",
            "arn:AWS:iam::123456789012:role/r",
            "arn:aws-:iam::123456789012:role/r",
            "arn:gcp:iam::123456789012:role/r",
            "ARN:aws:iam::123456789012:role/r",
            "arn:aws:iam::123456789012:role/r:x",
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::123456789012:role/r r",
            "arn:aws:iam::123456789012:role/r\n",
            "arn:aws:iam::123456789012:role/r\u{e9}",
            " arn:aws:iam::123456789012:role/r",
            &long,
        ] {
            assert!(RoleArn::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_file_may_have_comments_and_many_patterns_a_tenant() {
        let roles = AllowedRoles::parse_lines(
            "# readers\n\nacme=arn:aws:iam::123456789012:role/a\n  acme=arn:aws:iam::123456789012:role/b,c \n",
        )
        .expect("good");
        for role in ["a", "b,c"] {
            assert!(roles.permit("acme", &RoleArn::parse(&format!("{ACCOUNT}{role}")).expect("good")));
        }
    }
}
