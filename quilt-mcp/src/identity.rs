//! From the headers of one request to who asks, and with what authority.
//!
//! Authority is created here and nowhere else. It is bound to the request: every request brings its own token, and
//! nothing about a session, a connection or an earlier request counts.
//!
//! A caller who is refused learns only that: [`AuthError`] is for the audit and the metrics. A single kind of answer
//! leaves nothing to probe.

mod bearer;
mod catalog_claims;
mod claims;
mod key_cache;
mod keys;
mod scopes;
mod token;
mod verifier;
mod vouching;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::client::fetch::Fetch;
use crate::config::Deployment;
use crate::domain::access::Access;
use crate::domain::principal::{Grant, Principal};

pub use key_cache::PublishedKeys;
pub use verifier::Verifier;
pub use vouching::Questions;

/// Who asks, and with what authority: what a good token, or single-user mode, gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who asks.
    pub principal: Principal,
    /// With what authority.
    pub grant: Grant,
    /// The widest use that may be made of it. `None`: none at all, since the token lacks every scope of this server.
    pub access: Option<Access>,
}

impl Authenticated {
    /// The person who started the server.
    pub fn single_user() -> Self {
        Self { principal: Principal::single_user(), grant: Grant::Ambient, access: Some(Access::Admin) }
    }
}

/// How this server finds out who asks.
#[derive(Debug)]
pub enum Identity {
    /// Nobody needs to say: there is one person.
    SingleUser,
    /// By a token on every request.
    MultiTenant(Verifier),
}

impl Identity {
    /// What the configuration decided. Keys that issuers publish are fetched with `fetch`, beginning now: then this must
    /// be called within a runtime.
    pub fn new(deployment: Deployment, fetch: &Arc<dyn Fetch>) -> Self {
        match deployment {
            Deployment::SingleUser { .. } => Self::SingleUser,
            Deployment::MultiTenant(trust) => Self::MultiTenant(Verifier::new(trust, fetch)),
        }
    }

    /// How it stands with the keys that issuers publish: one for each such issuer, in the order of the configuration.
    pub fn published_keys(&self) -> Vec<PublishedKeys<'_>> {
        match self {
            Self::SingleUser => Vec::new(),
            Self::MultiTenant(verifier) => verifier.published_keys(),
        }
    }

    /// What became of the questions to registries that vouch for their tokens: one for each such issuer.
    pub fn questions(&self) -> Vec<Questions<'_>> {
        match self {
            Self::SingleUser => Vec::new(),
            Self::MultiTenant(verifier) => verifier.questions(),
        }
    }

    /// Whether there is an issuer at all whose tokens can be checked now.
    pub fn can_check_tokens(&self) -> bool {
        match self {
            Self::SingleUser => true,
            Self::MultiTenant(verifier) => verifier.can_check_tokens(),
        }
    }

    /// Who sends this request.
    ///
    /// # Errors
    ///
    /// The request's token is not good, or there is none. In single-user mode: there is one. Its sender expects to be
    /// served with the token's rights, and would be served with the rights of whoever started the server.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Authenticated, AuthError> {
        match self {
            Self::SingleUser if headers.contains_key(AUTHORIZATION) => Err(AuthError::UnexpectedToken),
            Self::SingleUser => Ok(Authenticated::single_user()),
            Self::MultiTenant(verifier) => verifier.authenticate(headers).await,
        }
    }
}

/// How many keys of a JWK Set could check a token. For the operator.
///
/// # Errors
///
/// None can; in words.
pub fn usable_keys(json: &[u8]) -> Result<usize, String> {
    keys::KeySet::read(json).map(|keys| keys.len()).map_err(|why| why.to_string())
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// Why a request was refused, for the audit and the metrics. Never for the client.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AuthError { $($(#[$doc])* $variant,)* }

        impl AuthError {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The reason as a stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

reasons! {
    /// There is no `Authorization` header.
    NoToken = "no_token",
    /// There are two or more.
    SeveralTokens = "several_tokens",
    /// The header is not `Bearer` and one token.
    NotBearer = "not_bearer",
    /// There is a token, in single-user mode.
    UnexpectedToken = "unexpected_token",
    /// The token is longer than any that this server reads.
    TooLong = "too_long",
    /// The token is not three parts of canonical base64url, or its header is no good JSON.
    Malformed = "malformed",
    /// The header has a member by which a token tries to choose its own key or rules.
    HeaderRefused = "header_refused",
    /// The token says that it is something else than an access token.
    WrongType = "wrong_type",
    /// The claims are no good JSON, one is missing or has the wrong type, or one is there twice.
    BadClaims = "bad_claims",
    /// Nobody here trusts that issuer.
    UnknownIssuer = "unknown_issuer",
    /// The issuer's tokens are not signed that way.
    WrongAlgorithm = "wrong_algorithm",
    /// The issuer publishes no key of that name, or cannot be asked for its keys.
    UnknownKey = "unknown_key",
    /// The issuer did not sign this.
    BadSignature = "bad_signature",
    /// The registry that vouches for the token does not know its bearer: it was made up, or it no longer counts.
    NotVouchedFor = "not_vouched_for",
    /// That registry does not say, so that nothing is known.
    RegistrySilent = "registry_silent",
    /// That registry was not asked, because as many questions were under way as there may be.
    RegistryBusy = "registry_busy",
    /// The token is for somebody else than this server.
    WrongAudience = "wrong_audience",
    /// The token's time is over.
    Expired = "expired",
    /// The token's time has not come.
    NotYetValid = "not_yet_valid",
    /// The token lives longer than a token may.
    LivesTooLong = "lives_too_long",
    /// The subject or the tenant is no identifier.
    BadIdentifier = "bad_identifier",
    /// The role is no role ARN.
    BadRole = "bad_role",
    /// The tenant may not use that role.
    RoleNotAllowed = "role_not_allowed",
    /// The issuer does not vouch for that tenant.
    TenantNotAllowed = "tenant_not_allowed",
    /// The session tags are not within the limits of AWS.
    BadSessionTags = "bad_session_tags",
    /// The token is good, and lacks the scope that the message needs.
    InsufficientScope = "insufficient_scope",
}

impl AuthError {
    /// After how long the same request makes sense again, if it was refused only because nothing could be found out.
    pub const fn retry_after(self) -> Option<Duration> {
        match self {
            Self::RegistrySilent => Some(Duration::from_secs(5)),
            Self::RegistryBusy => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

/// The reason's word. For logs.
impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for AuthError {}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::domain::principal::DEFAULT_TENANT;

    #[tokio::test]
    async fn single_user_mode_needs_no_token_and_its_tenant_is_default() {
        let fetch: Arc<dyn Fetch> = Arc::new(crate::client::fetch::HttpFetcher::new());
        let identity = Identity::new(Deployment::SingleUser { tenant: DEFAULT_TENANT }, &fetch);
        let authenticated = identity.authenticate(&HeaderMap::new()).await.expect("no token needed");
        assert_eq!(authenticated.principal.tenant(), "default");
        assert_eq!(authenticated.grant, Grant::Ambient);
    }

    #[tokio::test]
    async fn single_user_mode_does_not_lend_its_rights_to_somebody_with_a_token() {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer a.b.c"))]);
        assert_eq!(Identity::SingleUser.authenticate(&headers).await, Err(AuthError::UnexpectedToken));
    }

    #[test]
    fn each_reason_has_a_word_of_its_own() {
        let words: std::collections::BTreeSet<_> =
            AuthError::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(words.len(), AuthError::ALL.len());
    }
}
