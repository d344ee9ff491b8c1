//! One user or many tenants: decided from the configuration, and refused when the configuration contradicts itself.

use std::net::SocketAddr;

use super::{
    AllowedRoles, ConfigError, IdentitySettings, Issuer, JwtSecret, Setting, Tokens, Trust, TrustedIssuer,
};
use crate::domain::principal::DEFAULT_TENANT;

/// What the operator asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Multi-tenant if anything about tokens is configured, else single-user.
    #[default]
    Auto,
    /// One person, with that person's own AWS credentials.
    SingleUser,
    /// Many people, each request with its own verified token and its own AWS credentials.
    MultiTenant,
}

impl Mode {
    pub(super) const EXPECTED: &str = "`auto`, `single-user` or `multi-tenant`";

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "single-user" => Some(Self::SingleUser),
            "multi-tenant" => Some(Self::MultiTenant),
            _ => None,
        }
    }
}

/// How clients reach the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// The client starts the server and talks to it over a pipe.
    #[default]
    Stdio,
    /// Streamable HTTP.
    Http,
}

impl Transport {
    pub(super) const EXPECTED: &str = "`stdio` or `http`";

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "stdio" => Some(Self::Stdio),
            "http" => Some(Self::Http),
            _ => None,
        }
    }
}

/// Who the server works for.
#[derive(Debug)]
pub enum Deployment {
    /// One person: whoever started the server. No tokens.
    SingleUser {
        /// Always [`DEFAULT_TENANT`].
        tenant: &'static str,
    },
    /// Whoever brings a token that one of these issuers signed.
    MultiTenant(Trust),
}

/// Decides who the server works for. `listen` counts for HTTP only.
///
/// # Errors
///
/// What was asked for contradicts itself, would give one person's rights to strangers, or lacks something.
pub fn resolve(
    asked: Mode,
    transport: Transport,
    listen: SocketAddr,
    identity: IdentitySettings,
) -> Result<Deployment, ConfigError> {
    let given = identity.names();
    match (asked, transport) {
        (Mode::SingleUser, _) if !given.is_empty() => Err(ConfigError::new(format!(
            "single-user mode takes no tokens, but {} is set. Unset it, or set {}=multi-tenant",
            given.join(", "),
            Setting::Mode.variable(),
        ))),
        (Mode::MultiTenant, Transport::Stdio) => Err(ConfigError::new(format!(
            "multi-tenant mode needs HTTP: on stdio there is no request header to carry a token. Set {}=http, or {}=single-user",
            Setting::Transport.variable(),
            Setting::Mode.variable(),
        ))),
        (Mode::Auto, Transport::Stdio) if !given.is_empty() => Err(ConfigError::new(format!(
            "{} asks for multi-tenant mode, which needs HTTP, but the transport is stdio. Set {}=http, or unset it",
            given.join(", "),
            Setting::Transport.variable(),
        ))),
        (Mode::MultiTenant, Transport::Http) => multi_tenant(identity).map(Deployment::MultiTenant),
        (Mode::Auto, Transport::Http) if !given.is_empty() => {
            multi_tenant(identity).map(Deployment::MultiTenant)
        }
        (_, Transport::Http) if !listen.ip().to_canonical().is_loopback() => Err(ConfigError::new(format!(
            "single-user mode would serve your own AWS rights to anybody who reaches {listen}. Set {} to a loopback \
             address such as 127.0.0.1:8000, or configure multi-tenant mode with {}, {}, {} and {}",
            Setting::Listen.variable(),
            Setting::JwtSecretFile.variable(),
            Setting::JwtIssuer.variable(),
            Setting::JwtAudience.variable(),
            Setting::AllowedRoles.variable(),
        ))),
        _ => Ok(Deployment::SingleUser { tenant: DEFAULT_TENANT }),
    }
}

/// The issuers of the file, and the one that needs none.
fn multi_tenant(mut identity: IdentitySettings) -> Result<Trust, ConfigError> {
    let (mut issuers, keeps_exchanges) = (std::mem::take(&mut identity.issuers), identity.keeps_exchanges);
    if !issuers.is_empty() && !identity.has_parts() && identity.registry.is_some() {
        return Err(ConfigError::new(format!(
            "{} is for the issuer of {}, and the issuers are in the configuration file: write `registry_url` into the \
             `[[issuer]]` whose tokens the registry is to be shown",
            Setting::RegistryUrl.variable(),
            Setting::JwtIssuer.variable(),
        )));
    }
    if issuers.is_empty() || identity.has_parts() {
        issuers.push(single_issuer(identity)?);
    }
    for (at, one) in issuers.iter().enumerate() {
        if issuers[..at].iter().any(|other| other.issuer == one.issuer) {
            return Err(ConfigError::new(format!(
                "the issuer {:?} is configured twice, and only one set of rules can count: unset one",
                one.issuer.as_str()
            )));
        }
    }
    if issuers.iter().filter(|issuer| matches!(issuer.tokens, Tokens::Catalog { .. })).count() > 1 {
        return Err(ConfigError::new(
            "there are two `[[issuer]]` with tokens = \"catalog\": such a token does not say of which catalog it is, \
             so that one could pass for the other's. Remove one, and run a server for each catalog",
        ));
    }
    issuers.iter_mut().for_each(|issuer| issuer.keeps_exchanges = keeps_exchanges);
    Ok(Trust { issuers })
}

fn single_issuer(identity: IdentitySettings) -> Result<TrustedIssuer, ConfigError> {
    let mut missing = Vec::new();
    let registry = identity.registry;
    let secret: Option<JwtSecret> =
        required(identity.secret, &[Setting::JwtSecretFile, Setting::JwtSecret], &mut missing);
    let issuer: Option<Issuer> = required(identity.issuer, &[Setting::JwtIssuer], &mut missing);
    let audience = required(identity.audience, &[Setting::JwtAudience], &mut missing);
    let roles: Option<AllowedRoles> =
        required(identity.roles, &[Setting::AllowedRoles, Setting::AllowedRolesFile], &mut missing);
    match (secret, issuer, audience, roles) {
        (Some(secret), Some(issuer), Some(audience), Some(roles)) => Ok(TrustedIssuer {
            registry,
            ..TrustedIssuer::with_shared_secret(issuer, audience, secret, roles)
        }),
        _ => Err(ConfigError::new(format!(
            "multi-tenant mode also needs {}: set it, or write `[[issuer]]` tables into the configuration file",
            missing.join(" and ")
        ))),
    }
}

fn required<T>(value: Option<T>, names: &[Setting], missing: &mut Vec<String>) -> Option<T> {
    if value.is_none() {
        missing.push(names.iter().map(|name| name.variable()).collect::<Vec<_>>().join(" or "));
    }
    value
}

#[cfg(test)]
mod tests;
