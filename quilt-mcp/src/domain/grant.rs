//! With what authority a request may reach AWS and a Quilt registry. Decided by `identity`, spent by `client`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest, Sha256};

use super::registry::{RegistryPass, RegistryUrl};

/// With what authority a request may reach AWS, and through it a Quilt registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Single-user mode: whatever the AWS default chain of this process finds, as the user's own tools would.
    Ambient,
    /// The caller's role, assumed by this server for this request alone.
    AssumeRole(RoleGrant),
    /// The caller's role, for which AWS asks the caller's own token.
    WebIdentity(WebIdentityGrant),
    /// What a Quilt registry gives to the bearer of the caller's own token.
    Registry(RegistryGrant),
}

impl Grant {
    /// The role that the caller's token names, if a role is what the caller gets.
    pub fn role_arn(&self) -> Option<&str> {
        match self {
            Self::Ambient | Self::Registry(_) => None,
            Self::AssumeRole(role) => Some(&role.role_arn),
            Self::WebIdentity(role) => Some(&role.role_arn),
        }
    }

    /// What the caller may show to which registry, if the caller's issuer has one.
    pub fn registry_pass(&self) -> Option<RegistryPass> {
        match self {
            Self::Ambient => None,
            Self::AssumeRole(role) => role.registry.clone(),
            Self::WebIdentity(role) => {
                role.registry.clone().map(|registry| RegistryPass { registry, token: role.token.clone() })
            }
            Self::Registry(grant) => {
                Some(RegistryPass { registry: grant.registry.clone(), token: grant.token.clone() })
            }
        }
    }

    /// When the token behind it ends, in seconds of the Unix epoch: nothing should outlive it.
    pub fn token_expires_at(&self) -> Option<u64> {
        match self {
            Self::Ambient => None,
            Self::AssumeRole(role) => Some(role.token_expires_at),
            Self::WebIdentity(role) => Some(role.token_expires_at),
            Self::Registry(registry) => Some(registry.token_expires_at),
        }
    }

    /// The token behind it, if there is one and tokens are told apart.
    pub fn token_digest(&self) -> Option<TokenDigest> {
        match self {
            Self::Ambient => None,
            Self::AssumeRole(role) => role.token_digest,
            Self::WebIdentity(role) => Some(role.token.digest()),
            Self::Registry(registry) => Some(registry.token.digest()),
        }
    }
}

/// A role that the caller's verified token names and the configuration allows for the caller's tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// `arn:aws:iam::<account>:role/<name>`
    pub role_arn: String,
    /// STS session tags from the token. Keys and values are within the limits of AWS.
    pub session_tags: BTreeMap<String, String>,
    /// What the operator takes from the role's rights in every session. AWS gives the intersection of both.
    pub session_policy: Option<Arc<str>>,
    /// When the token ends, in seconds of the Unix epoch: no credentials should outlive it.
    pub token_expires_at: u64,
    /// Which token this came from, if what it is exchanged for may be used again.
    pub token_digest: Option<TokenDigest>,
    /// The token itself, if its issuer has a registry that is to be shown it.
    pub registry: Option<RegistryPass>,
}

/// As [`RoleGrant`], where AWS judges the caller's own token. The session's tags are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebIdentityGrant {
    /// `arn:aws:iam::<account>:role/<name>`
    pub role_arn: String,
    /// As [`RoleGrant::session_policy`].
    pub session_policy: Option<Arc<str>>,
    /// What AWS is shown, and the registry if there is one.
    pub token: CallerToken,
    /// The registry of the caller's issuer.
    pub registry: Option<RegistryUrl>,
    /// When the token ends, in seconds of the Unix epoch.
    pub token_expires_at: u64,
}

/// A registry that exchanges the tokens which it, or the issuer it trusts, has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryGrant {
    /// Where it is. From the configuration, never from the token.
    pub registry: RegistryUrl,
    /// What the registry is shown, and nobody else.
    pub token: CallerToken,
    /// When the token ends, in seconds of the Unix epoch.
    pub token_expires_at: u64,
}

/// A caller's verified token, kept for the systems that are to judge it. Wiped on drop, never shown.
#[derive(Clone)]
pub struct CallerToken(Arc<SecretString>);

impl CallerToken {
    /// Keeps `token`.
    pub fn new(token: &str) -> Self {
        Self(Arc::new(SecretString::from(token)))
    }

    /// The token, for the request that carries it.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Which token it is.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.expose())
    }
}

impl PartialEq for CallerToken {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

impl Eq for CallerToken {}

impl fmt::Debug for CallerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerToken([redacted])")
    }
}

/// Says which token something came from without saying the token: its SHA-256, whole, so that no two meet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Of the token as it was sent.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenDigest({}..)", hex::encode(&self.0[..4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_token() {
        let token = CallerToken::new("header.CANARY.signature");
        let grant = Grant::Registry(RegistryGrant {
            registry: "https://registry.example.com".parse().expect("a URL"),
            token: token.clone(),
            token_expires_at: 1,
        });
        assert!(!format!("{token:?} {grant:?}").contains("CANARY"));
    }

    #[test]
    fn tokens_are_told_apart_by_every_byte() {
        assert_ne!(TokenDigest::of("a.b.c"), TokenDigest::of("a.b.C"));
        assert_eq!(CallerToken::new("a.b.c"), CallerToken::new("a.b.c"));
    }
}
