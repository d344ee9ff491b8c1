//! The tokens of a stock Quilt catalog. They say neither who issued them nor for whom, so the table has to.

use super::table::{Credentials, Table};
use super::{Exchange, Issuer, JwtSecret, KeySource, SigningAlgorithm, Tokens, TrustedIssuer};
use crate::config::ConfigError;
use crate::domain::registry::RegistryUrl;

impl Table {
    pub(super) fn of_a_catalog(&self) -> Result<TrustedIssuer, Vec<ConfigError>> {
        let misplaced = self.misplaced_at_a_catalog();
        if !misplaced.is_empty() {
            return Err(misplaced);
        }
        let secret = self.secret_file.as_deref().map(JwtSecret::from_file).transpose();
        match (secret, self.catalog_exchange()) {
            (Ok(secret), Ok((exchange, registry, tenant))) => Ok(TrustedIssuer {
                issuer: Issuer::of_registry(&registry),
                tokens: Tokens::Catalog { tenant },
                algorithms: vec![SigningAlgorithm::Hs256],
                keys: match secret {
                    Some(secret) => KeySource::SharedSecret(secret),
                    None => KeySource::Registry(registry.clone()),
                },
                scopes: false,
                registry: Some(registry),
                exchange,
                keeps_exchanges: false,
            }),
            (secret, exchange) => Err([secret.err(), exchange.err()].into_iter().flatten().collect()),
        }
    }

    /// What would say something that such a token cannot be held to.
    fn misplaced_at_a_catalog(&self) -> Vec<ConfigError> {
        let given = [
            ("issuer", self.issuer.is_some(), "a catalog's tokens have no `iss`"),
            ("audience", self.audience.is_some(), "a catalog's tokens have no `aud`"),
            (
                "jwks_url",
                self.jwks_url.is_some(),
                "a catalog publishes no keys. Its secret goes into `secret_file`, and without one its registry is asked",
            ),
            ("algorithms", self.algorithms.is_some(), "a catalog signs with HS256 only"),
            ("scopes", self.scopes == Some(true), "a catalog's tokens carry no scopes"),
            ("allowed_roles", self.allowed_roles.is_some(), "a catalog's tokens name no role"),
            ("allowed_roles_file", self.allowed_roles_file.is_some(), "a catalog's tokens name no role"),
            (
                "session_policy_file",
                self.session_policy_file.is_some(),
                "the registry opens the sessions, and is told no policy",
            ),
        ];
        given
            .into_iter()
            .filter(|(_, given, _)| *given)
            .map(|(key, _, why)| {
                ConfigError::new(format!(
                    "`{key}` has no meaning with tokens = \"catalog\": {why}. Remove it"
                ))
            })
            .collect()
    }

    /// The registry, and the one tenant of all its people.
    fn catalog_exchange(&self) -> Result<(Exchange, RegistryUrl, String), ConfigError> {
        if self.credentials != Some(Credentials::Registry) {
            return Err(needs_registry());
        }
        let (exchange, Some(registry)) = self.registry()? else { return Err(needs_registry()) };
        match exchange.tenants()[..] {
            [tenant] => {
                let tenant = tenant.to_owned();
                Ok((exchange, registry, tenant))
            }
            _ => Err(ConfigError::new(
                "tokens = \"catalog\" with several tenants, and a catalog's token does not say of which its bearer \
                 is: set tenants = [\"acme\"], one name for all people of this catalog",
            )),
        }
    }
}

fn needs_registry() -> ConfigError {
    ConfigError::new(
        "tokens = \"catalog\" without credentials = \"registry\": a catalog's token names no role, and only its \
         registry gives AWS credentials for it. Set credentials = \"registry\"",
    )
}
