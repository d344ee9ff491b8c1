//! What the operator decided, read once and complete before anything starts.
//!
//! Three layers speak: flags over environment over file. [`Settings`] is what was said, in the operator's words;
//! [`Config`] is what it means, checked. A contradiction is refused, never resolved by guessing: every message names the
//! setting and what to set instead.
//!
//! How to reach AWS is not here. The AWS SDKs read that themselves, as every other AWS tool does.

mod algorithm;
mod athena;
mod collector;
mod docs;
mod effective;
mod exchange;
mod file;
mod http;
mod issuer;
mod jwt;
mod limits;
mod log;
mod mode;
mod protected_file;
mod registry;
mod roles;
mod services;
mod setting;
mod settings;
mod store;

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;

use self::registry::RegistrySettings;
use crate::domain::catalog::CatalogUrl;
use crate::domain::docs::DocsSite;

pub use algorithm::SigningAlgorithm;
pub use athena::AthenaConfig;
pub use collector::CollectorUrl;
pub use effective::effective;
pub use exchange::{Exchange, SessionPolicy};
pub use http::{DEFAULT_ADMIN_LISTEN, DEFAULT_LISTEN, HttpConfig, Sessions};
pub use issuer::IssuerKey;
pub use jwt::{Audience, IdentitySettings, Issuer, JwtSecret, KeySource, Tokens, Trust, TrustedIssuer};
pub use limits::Limits;
pub use log::{LogConfig, LogFormat};
pub use mode::{Deployment, Mode, Transport, resolve};
pub use registry::{OwnRegistry, RegistryConfig};
pub use roles::{AllowedRoles, RoleArn, RolePattern};
pub use services::{Lives, Services};
pub use setting::Setting;
pub use settings::{Flags, Settings, Source};
pub use store::StoreConfig;

/// Everything the operator decided, checked.
#[derive(Debug)]
pub struct Config {
    /// Who may call, and with what authority.
    pub deployment: Deployment,
    /// How callers reach the server.
    pub door: Door,
    /// Where `/metrics` and the health answers are served. `None`: nowhere.
    pub admin_listen: Option<SocketAddr>,
    /// The catalog that links lead to, if any.
    pub catalog_url: Option<CatalogUrl>,
    /// How Quilt registries are asked.
    pub registry: RegistryConfig,
    /// The documentation that is searched, if any.
    pub docs: Option<DocsSite>,
    /// How Athena is asked.
    pub athena: AthenaConfig,
    /// Where what outlives the process is kept.
    pub store: StoreConfig,
    /// Which services belong to one request, and which to the process.
    pub services: Services,
    /// What one caller, and the end of the process, may take.
    pub limits: Limits,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Where spans are sent, if anywhere.
    pub collector: Option<CollectorUrl>,
}

/// How callers reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// One client, on standard input and output.
    Stdio,
    /// Streamable HTTP.
    Http(HttpConfig),
}

impl Config {
    /// Reads all three layers. `environment` is the whole environment of the process; `--config` or `QUILT_MCP_CONFIG`
    /// name the file.
    ///
    /// # Errors
    ///
    /// A setting is unknown, malformed, unsafe, or contradicts another.
    pub fn load(
        flags: Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        Self::from_settings(&Settings::read(flags, environment))
    }

    /// Where what outlives the process is kept, whatever else is said: for commands that only look after that.
    ///
    /// # Errors
    ///
    /// A setting is unknown or the directory is not known.
    pub fn store(settings: &Settings) -> Result<StoreConfig, ConfigError> {
        let store = settings.note(StoreConfig::read(settings));
        match (settings.problems(), store) {
            (none, Some(store)) if none.is_empty() => Ok(store),
            (problems, _) => Err(ConfigError::all(problems)),
        }
    }

    /// Turns what was said into what it means.
    ///
    /// # Errors
    ///
    /// A setting is malformed, unsafe, or contradicts another. All that is malformed is told at once; if nothing is, all
    /// that contradicts.
    pub fn from_settings(settings: &Settings) -> Result<Self, ConfigError> {
        let asked = settings.parsed(Setting::Mode, Mode::EXPECTED, Mode::parse).unwrap_or_default();
        let transport =
            settings.parsed(Setting::Transport, Transport::EXPECTED, Transport::parse).unwrap_or_default();
        let listen = http::listen(settings);
        let admin = http::admin_listen(settings, transport);
        let mut identity = IdentitySettings::read(settings);
        let registry = RegistrySettings::read(settings);
        let limits = Limits::read(settings);
        let log = LogConfig::read(settings);
        let collector = settings.note(CollectorUrl::read(settings)).flatten();
        let http = HttpConfig::read(settings, listen);
        let services = Services::read(settings);
        let athena = AthenaConfig::read(settings);
        let catalog_url = settings.parsed(
            Setting::CatalogUrl,
            "the address of a catalog, such as https://catalog.example.com",
            |text| text.parse().ok(),
        );
        let docs = docs::read(settings);
        let store = settings.note(StoreConfig::read(settings));
        // Of what is malformed it is not known what it contradicts.
        let malformed = settings.problems();
        if !malformed.is_empty() {
            return Err(ConfigError::all(malformed));
        }

        identity.registry.clone_from(&registry.url);
        identity.keeps_exchanges = limits.reuse_credentials > 0;
        settings.note(http::refuse_an_address_without_http(settings, transport));
        settings.note(http::refuse_one_address_for_both(settings, transport, listen, admin));
        let deployment = settings.note(resolve(asked, transport, listen, identity));
        if matches!(deployment, Some(Deployment::SingleUser { .. })) {
            settings.note(settings.refuse_signs_of_the_older_multi_user_modes());
        }
        if let Some(deployment) = &deployment {
            services.check(settings, deployment);
        }
        let registry = deployment.as_ref().and_then(|deployment| settings.note(registry.of(deployment)));
        let door = match transport {
            Transport::Stdio => Some(Door::Stdio),
            Transport::Http => settings.note(http.names_known(listen)).map(Door::Http),
        };
        match (settings.problems(), deployment, door, store, registry) {
            (none, Some(deployment), Some(door), Some(store), Some(registry)) if none.is_empty() => {
                Ok(Self {
                    deployment,
                    door,
                    admin_listen: admin,
                    catalog_url,
                    registry,
                    docs,
                    athena,
                    store,
                    services,
                    limits,
                    log,
                    collector,
                })
            }
            (contradictions, ..) => Err(ConfigError::all(contradictions)),
        }
    }
}

/// Why the server does not start, and what to set.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    /// `message` names the setting and says what to set. It must not hold a secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Several at once, one a line; one alone as it is.
    fn all(mut problems: Vec<Self>) -> Self {
        if problems.len() == 1 {
            return problems.remove(0);
        }
        let list: String = problems.iter().map(|problem| format!("\n  - {problem}")).collect();
        Self(format!("{} settings are wrong:{list}", problems.len()))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As `Display`: `main` may print either.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests;
