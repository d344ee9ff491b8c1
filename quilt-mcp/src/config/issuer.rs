//! The `[[issuer]]` tables of the configuration file: any number of issuers, each with rules of its own.

mod catalog;
mod table;

use std::fmt;

use url::Url;

pub use self::table::IssuerKey;
use self::table::{Credentials, Kind, Table};
use super::exchange::{self, Exchange, SessionPolicy};
use super::jwt::on_this_machine;
use super::{
    AllowedRoles, Audience, ConfigError, Issuer, JwtSecret, KeySource, SigningAlgorithm, Tokens,
    TrustedIssuer, protected_file,
};
use crate::domain::registry::{InvalidRegistryUrl, RegistryUrl};

/// One `[[issuer]]` table, and where it stands.
pub(super) struct IssuerTable {
    table: toml::Table,
    place: String,
}

/// Where it stands only: somebody may have written a secret into it.
impl fmt::Debug for IssuerTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IssuerTable").field(&self.place).finish()
    }
}

impl IssuerTable {
    pub(super) fn new(table: toml::Table, place: String) -> Self {
        Self { table, place }
    }

    /// The issuer that it describes.
    ///
    /// # Errors
    ///
    /// Everything that is missing, malformed or unsafe, or contradicts another; an unknown key alone.
    pub(super) fn trusted(&self) -> Result<TrustedIssuer, Vec<ConfigError>> {
        if let Some(secret) =
            ["secret", "jwt_secret", "client_secret"].iter().find(|key| self.table.contains_key(**key))
        {
            return Err(vec![self.wrong(&format!(
                "`{secret}`: a configuration file is no place for a secret. Put it into a file of its own with mode \
                 0600 and name that in `secret_file`"
            ))]);
        }
        // The message names keys; values, which may be anything, are not in it.
        let table: Table = self.table.clone().try_into().map_err(|error: toml::de::Error| {
            vec![self.wrong(&format!("{}: see docs/identity.md for the keys of an issuer", error.message()))]
        })?;
        table.trusted().map_err(|all| all.iter().map(|error| self.wrong(&error.to_string())).collect())
    }

    /// As it stands in the file, with its place. Only of a table that is [`trusted`](Self::trusted) it is sure that there is
    /// no secret in it.
    pub(super) fn shown(&self) -> String {
        let keys = self.table.iter().map(|(key, value)| format!("{key} = {value}\n"));
        format!("\n{:<52} # {}\n{}", "[[issuer]]", self.place, keys.collect::<String>())
    }

    fn wrong(&self, why: &str) -> ConfigError {
        let name = self.table.get("issuer").and_then(toml::Value::as_str).unwrap_or("without `issuer`");
        ConfigError::new(format!("`[[issuer]]` {name:?} ({}): {why}", self.place))
    }
}

impl Table {
    fn trusted(&self) -> Result<TrustedIssuer, Vec<ConfigError>> {
        match self.tokens.unwrap_or_default() {
            Kind::Named => self.of_named_tokens(),
            Kind::Catalog => self.of_a_catalog(),
        }
    }

    fn of_named_tokens(&self) -> Result<TrustedIssuer, Vec<ConfigError>> {
        let keys = self.keys();
        // Which algorithms fit depends on the keys.
        let algorithms = keys.as_ref().ok().map(|keys| self.algorithms(keys)).transpose();
        let issuer = required(self.issuer.as_ref(), "issuer").and_then(Issuer::parse);
        let audience = required(self.audience.as_ref(), "audience").and_then(Audience::parse);
        match (issuer, audience, keys, algorithms, self.registry()) {
            (Ok(issuer), Ok(audience), Ok(keys), Ok(Some(algorithms)), Ok((exchange, registry))) => {
                Ok(TrustedIssuer {
                    issuer,
                    tokens: Tokens::Named { audience },
                    algorithms,
                    keys,
                    scopes: self.scopes.unwrap_or_default(),
                    exchange,
                    registry,
                    keeps_exchanges: false,
                })
            }
            (issuer, audience, keys, algorithms, registry) => {
                let all =
                    [issuer.err(), audience.err(), keys.err(), algorithms.err(), registry.err()].into_iter();
                Err(all.flatten().collect())
            }
        }
    }

    fn keys(&self) -> Result<KeySource, ConfigError> {
        match (&self.secret_file, &self.jwks_url) {
            (Some(path), None) => JwtSecret::from_file(path).map(KeySource::SharedSecret),
            (None, Some(url)) => {
                safe_url(url, "jwks_url").map(|url| KeySource::Published(url.as_str().into()))
            }
            (Some(_), Some(_)) => Err(ConfigError::new(
                "`secret_file` and `jwks_url` are both set, and only one can count: an issuer that shares a secret \
                 publishes no keys. Remove one",
            )),
            (None, None) => Err(ConfigError::new("there are no keys: set `jwks_url`, or `secret_file`")),
        }
    }

    fn algorithms(&self, keys: &KeySource) -> Result<Vec<SigningAlgorithm>, ConfigError> {
        let shared = matches!(keys, KeySource::SharedSecret(_));
        let Some(names) = &self.algorithms else {
            // What is not narrowed is everything that such keys can sign.
            return Ok(SigningAlgorithm::ALL
                .iter()
                .copied()
                .filter(|a| a.is_symmetric() == shared)
                .collect());
        };
        if names.is_empty() {
            return Err(ConfigError::new(
                "`algorithms` is empty, so that no token could be good: leave it out",
            ));
        }
        let known = |name: &String| {
            let algorithm = SigningAlgorithm::parse(name).ok_or_else(|| {
                let all: Vec<_> = SigningAlgorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
                ConfigError::new(format!("the algorithm {name:?} is none of {}: use those", all.join(", ")))
            })?;
            match (shared, algorithm.is_symmetric()) {
                (false, true) => Err(ConfigError::new(
                    "HS256 with `jwks_url`: whoever reads the published keys could sign. Use RS256, ES256 or EdDSA",
                )),
                (true, false) => Err(ConfigError::new(format!(
                    "{name} with `secret_file`: a shared secret signs with HS256 only. Set `jwks_url` instead"
                ))),
                _ => Ok(algorithm),
            }
        };
        names.iter().map(known).collect()
    }

    /// For what tokens are exchanged, and which registry is shown them.
    fn registry(&self) -> Result<(Exchange, Option<RegistryUrl>), ConfigError> {
        let registry = self.registry_url.as_deref().map(parse_registry).transpose()?;
        Ok((self.exchange(registry.as_ref())?, registry))
    }

    fn exchange(&self, registry: Option<&RegistryUrl>) -> Result<Exchange, ConfigError> {
        let misplaced = |key: &str, given: bool, belongs: &str| {
            if given {
                Err(ConfigError::new(format!("`{key}` has no meaning here: {belongs}, or remove it")))
            } else {
                Ok(())
            }
        };
        let credentials = self.credentials.unwrap_or_default();
        if credentials == Credentials::Registry {
            let belongs = "set credentials = \"assume-role\"";
            misplaced("allowed_roles", self.allowed_roles.is_some(), belongs)?;
            misplaced("allowed_roles_file", self.allowed_roles_file.is_some(), belongs)?;
            misplaced("session_policy_file", self.session_policy_file.is_some(), belongs)?;
            let Some(registry) = registry else {
                return Err(ConfigError::new(
                    "credentials = \"registry\" needs the registry: set registry_url = \"https://..\"",
                ));
            };
            let tenants = exchange::tenants(self.tenants.clone().unwrap_or_default())?;
            return Ok(Exchange::Registry { registry: registry.clone(), tenants });
        }
        let belongs = "set credentials = \"registry\"";
        misplaced("tenants", self.tenants.is_some(), belongs)?;
        let (roles, policy) = (self.roles()?, self.policy()?);
        if credentials == Credentials::AssumeRole {
            return Ok(Exchange::AssumeRole { roles, policy });
        }
        if self.secret_file.is_some() {
            return Err(ConfigError::new(
                "credentials = \"web-identity\" with `secret_file`: AWS cannot check a shared secret. Set `jwks_url`",
            ));
        }
        Ok(Exchange::WebIdentity { roles, policy })
    }

    fn roles(&self) -> Result<AllowedRoles, ConfigError> {
        match (&self.allowed_roles, &self.allowed_roles_file) {
            (Some(pairs), None) => AllowedRoles::parse(pairs),
            (None, Some(path)) => {
                AllowedRoles::parse_lines(&protected_file::read_trusted(path, "the file of allowed roles")?)
            }
            (Some(_), Some(_)) => Err(ConfigError::new(
                "`allowed_roles` and `allowed_roles_file` are both set, and only one can count: remove one",
            )),
            (None, None) => Err(ConfigError::new(
                "no role is allowed: set allowed_roles = [\"acme=arn:aws:iam::123456789012:role/quilt-*\"]",
            )),
        }
    }

    fn policy(&self) -> Result<Option<SessionPolicy>, ConfigError> {
        self.session_policy_file.as_deref().map(SessionPolicy::from_file).transpose()
    }
}

fn required<'a>(value: Option<&'a String>, key: &str) -> Result<&'a str, ConfigError> {
    value.map(String::as_str).ok_or_else(|| {
        ConfigError::new(format!(
            "missing field `{key}`: see docs/identity.md for the keys of an issuer, and for tokens = \"catalog\", \
             which is for a Quilt catalog's own tokens and needs none"
        ))
    })
}

fn parse_registry(text: &str) -> Result<RegistryUrl, ConfigError> {
    text.parse().map_err(|why: InvalidRegistryUrl| ConfigError::new(format!("`registry_url` {why}")))
}

/// Plain `http` only where nobody else can listen in.
fn safe_url(text: &str, key: &str) -> Result<Url, ConfigError> {
    let refused = |why: &str| {
        ConfigError::new(format!(
            "`{key}` is {text:?}, which {why}: write a plain https URL of the issuer's own host"
        ))
    };
    let url = Url::parse(text).map_err(|_| refused("is no URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not quoted: there is a password in it.
        return Err(ConfigError::new(format!("`{key}` has a user or a password in it: remove them")));
    }
    if url.fragment().is_some() {
        return Err(refused("has a fragment"));
    }
    let near = text.split_once("://").is_some_and(|(scheme, rest)| scheme == "http" && on_this_machine(rest));
    if url.scheme() != "https" && !near {
        return Err(refused("anybody on the way could answer"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refused("has no host"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
