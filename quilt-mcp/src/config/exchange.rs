//! For what a caller's token is exchanged, and within what bounds.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::{AllowedRoles, ConfigError, protected_file};
use crate::domain::principal::valid_identifier;
use crate::domain::registry::RegistryUrl;

/// The longest policy that STS reads, in characters.
const MAX_POLICY: usize = 2048;

/// For what an issuer's tokens are exchanged. The token chooses within it, and never between.
#[derive(Debug)]
pub enum Exchange {
    /// The role that the token names, assumed by this server, with session tags.
    AssumeRole {
        /// For which tenants the issuer may vouch, and which roles their tokens may name.
        roles: AllowedRoles,
        /// What every session is narrowed to.
        policy: Option<SessionPolicy>,
    },
    /// The role that the token names, for the token itself: AWS trusts the issuer.
    WebIdentity {
        /// As above.
        roles: AllowedRoles,
        /// As above.
        policy: Option<SessionPolicy>,
    },
    /// What a Quilt registry gives for the token.
    Registry {
        /// Which.
        registry: RegistryUrl,
        /// For which tenants the issuer may vouch.
        tenants: BTreeSet<String>,
    },
}

impl Exchange {
    /// Its name in the configuration.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AssumeRole { .. } => "assume-role",
            Self::WebIdentity { .. } => "web-identity",
            Self::Registry { .. } => "registry",
        }
    }

    /// Which roles tokens may name, where they name one.
    pub fn roles(&self) -> Option<&AllowedRoles> {
        match self {
            Self::AssumeRole { roles, .. } | Self::WebIdentity { roles, .. } => Some(roles),
            Self::Registry { .. } => None,
        }
    }

    /// The tenants that tokens may name.
    pub fn tenants(&self) -> Vec<&str> {
        match self {
            Self::AssumeRole { roles, .. } | Self::WebIdentity { roles, .. } => roles.tenants().collect(),
            Self::Registry { tenants, .. } => tenants.iter().map(String::as_str).collect(),
        }
    }
}

/// A policy that every session carries. AWS allows in a session only what both the role and this allow, so it can take
/// rights away and give none. One text for all callers: what differs between them comes from `${aws:PrincipalTag/..}`,
/// which AWS fills in.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionPolicy(Arc<str>);

impl SessionPolicy {
    /// Takes a policy document, without the blanks that would count against the limit of STS.
    ///
    /// # Errors
    ///
    /// It is no policy of statements, names a principal, or is longer than 2048 characters.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let refused = |why: &str| {
            ConfigError::new(format!(
                "the session policy {why}: write an IAM policy document with \"Version\": \"2012-10-17\" and a list \
                 of statements, at most {MAX_POLICY} characters without blanks"
            ))
        };
        let document: serde_json::Value = serde_json::from_str(text).map_err(|_| refused("is not JSON"))?;
        if document["Version"] != "2012-10-17" {
            return Err(refused("has another version, or none"));
        }
        let statements = document["Statement"].as_array().filter(|all| !all.is_empty());
        let Some(statements) = statements else { return Err(refused("has no list of statements")) };
        for statement in statements {
            if !matches!(statement["Effect"].as_str(), Some("Allow" | "Deny")) {
                return Err(refused("has a statement that neither allows nor denies"));
            }
            if ["Principal", "NotPrincipal"].iter().any(|member| statement.get(member).is_some()) {
                return Err(refused("names a principal, which a session policy cannot"));
            }
        }
        let text = document.to_string();
        if text.chars().count() > MAX_POLICY {
            return Err(refused("is too long"));
        }
        Ok(Self(text.into()))
    }

    pub(super) fn from_file(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(&protected_file::read_trusted(path, "the session policy")?)
    }

    /// The document.
    pub fn text(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for SessionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn tenants(names: Vec<String>) -> Result<BTreeSet<String>, ConfigError> {
    if names.is_empty() {
        return Err(ConfigError::new(
            "an `[[issuer]]` with credentials = \"registry\" names no tenant, so that no caller could do anything: \
             set tenants = [\"acme\"]",
        ));
    }
    if let Some(bad) = names.iter().find(|name| !valid_identifier(name)) {
        return Err(ConfigError::new(format!(
            "the tenant {bad:?} of an `[[issuer]]` is not 1 to 128 of A-Z a-z 0-9 . _ : @ | - (there is no wildcard \
             for tenants: name each)"
        )));
    }
    Ok(names.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_kept_without_its_blanks() {
        let text = r#"{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" } ] }"#;
        let policy = SessionPolicy::parse(text).expect("good");
        assert!(!policy.text().contains(' '), "{policy:?}");
    }

    /// AWS gives in a session what both the role and its policy allow, so a policy that AWS gets as it was written can only narrow.
    /// 100,800 of them, of two statements each, written with blanks.
    #[test]
    fn of_a_hundred_thousand_session_policies_each_is_sent_as_it_was_written() {
        const EFFECTS: [&str; 3] = ["Allow", "Deny", "allow"];
        const ACTIONS: [&str; 12] = [
            r#""Action":"*""#,
            r#""Action":"s3:*""#,
            r#""Action":"s3:Get*""#,
            r#""Action":"S3:getobject""#,
            r#""Action":["s3:GetObject","s3:ListBucket"]"#,
            r#""Action":[]"#,
            r#""Action":"sts:AssumeRole""#,
            r#""Action":"iam:PassRole""#,
            r#""NotAction":"s3:Put*""#,
            r#""NotAction":["iam:*","sts:*"]"#,
            r#""Action":"s3:\u0047etObject""#,
            r#""Action":null"#,
        ];
        const CONDITIONS: [&str; 7] = [
            "",
            r#""Condition":{},"#,
            r#""Condition":{"Bool":{"aws:SecureTransport":"true"}},"#,
            r#""Condition":{"StringEquals":{"aws:PrincipalTag/tenant":"acme"}},"#,
            r#""Condition":{"StringLike":{"s3:prefix":["${aws:PrincipalTag/user}/*",""]}},"#,
            r#""Condition":{"NumericLessThan":{"s3:max-keys":10}},"#,
            r#""Condition":{"Null":{"aws:TokenIssueTime":false}},"#,
        ];
        const RESOURCES: [&str; 10] = [
            r#""Resource":"*""#,
            r#""Resource":"arn:aws:s3:::acme""#,
            r#""Resource":"arn:aws:s3:::acme/*""#,
            r#""Resource":["arn:aws:s3:::acme","arn:aws:s3:::acme/*"]"#,
            r#""Resource":"arn:aws:s3:::${aws:PrincipalTag/tenant}/*""#,
            r#""Resource":"arn:aws:s3:::acme/\"quoted\"/*""#,
            r#""Resource":"arn:aws:s3:::acme/ä""#,
            r#""Resource":[]"#,
            r#""NotResource":"arn:aws:s3:::globex/*""#,
            r#""Resource":"","Sid":"Last""#,
        ];
        const SECONDS: usize = 40;
        let mut statements = Vec::new();
        for effect in EFFECTS {
            for (action, condition) in ACTIONS.iter().flat_map(|action| CONDITIONS.map(|c| (action, c))) {
                let statement =
                    |resource| format!(r#"{{{action},{condition}"Effect":"{effect}",{resource}}}"#);
                statements.extend(RESOURCES.map(|resource| (effect != "allow", statement(resource))));
            }
        }
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        for (number, (sound, first)) in statements.iter().enumerate() {
            for step in 0..SECONDS {
                let (also_sound, second) = &statements[(number + step * 61) % statements.len()];
                let text = format!(r#"{{"Version":"2012-10-17","Statement":[{first},{second}]}}"#);
                let written = text.replace(",\"", " ,\n\t\"").replace("\":", "\" : ");
                let sent = SessionPolicy::parse(&written).ok().map(|policy| read(&policy.text()));
                let wanted = (*sound && *also_sound).then(|| read(&text));
                assert_eq!(sent, wanted, "{written}");
            }
        }
        assert!(statements.len() * SECONDS >= 100_000);
    }

    #[test]
    fn what_is_no_session_policy_is_refused() {
        let long = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{}","Resource":"*"}}]}}"#,
            "s".repeat(MAX_POLICY)
        );
        for (text, why) in [
            ("", "is not JSON"),
            ("[]", "another version"),
            (r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow"}]}"#, "another version"),
            (r#"{"Version":"2012-10-17"}"#, "no list of statements"),
            (r#"{"Version":"2012-10-17","Statement":[]}"#, "no list of statements"),
            (r#"{"Version":"2012-10-17","Statement":[{"Effect":"allow"}]}"#, "neither allows nor denies"),
            (
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*"}]}"#,
                "names a principal",
            ),
            (long.as_str(), "too long"),
        ] {
            let error = SessionPolicy::parse(text).expect_err(why).to_string();
            assert!(error.contains(why) && error.contains("2012-10-17"), "{text}: {error}");
        }
    }
}
