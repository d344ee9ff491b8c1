//! Whose tokens are believed.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretSlice};

use super::{
    AllowedRoles, ConfigError, Exchange, Setting, Settings, SigningAlgorithm, issuer::IssuerTable,
    protected_file,
};
use crate::domain::principal::Principal;
use crate::domain::registry::RegistryUrl;

/// Everything that makes a caller's token good.
#[derive(Debug)]
pub struct Trust {
    /// Who may sign. A token is judged by the rules of the issuer it names, and by no other's.
    pub issuers: Vec<TrustedIssuer>,
}

/// One issuer, and the rules for its tokens.
#[derive(Debug)]
pub struct TrustedIssuer {
    /// What `iss` must be. Of a catalog, whose tokens have none: its registry's address.
    pub issuer: Issuer,
    /// What its tokens say.
    pub tokens: Tokens,
    /// Which signatures count. Everything else is refused before a key is touched.
    pub algorithms: Vec<SigningAlgorithm>,
    /// Where its keys come from.
    pub keys: KeySource,
    /// Whether its tokens carry this server's scopes, which then bound what they are good for.
    pub scopes: bool,
    /// For what its tokens are exchanged, and for which tenants it may vouch. Each issuer has its own, so that none can
    /// vouch for the tenants of another.
    pub exchange: Exchange,
    /// Which Quilt registry is shown its callers' tokens, if one is.
    pub registry: Option<RegistryUrl>,
    /// Whether an exchange may be used again for the same token, so that tokens have to be told apart.
    pub keeps_exchanges: bool,
}

impl TrustedIssuer {
    /// An issuer that shares one HMAC secret with this server.
    pub fn with_shared_secret(
        issuer: Issuer,
        audience: Audience,
        secret: JwtSecret,
        roles: AllowedRoles,
    ) -> Self {
        Self {
            issuer,
            tokens: Tokens::Named { audience },
            algorithms: vec![SigningAlgorithm::Hs256],
            keys: KeySource::SharedSecret(secret),
            scopes: false,
            exchange: Exchange::AssumeRole { roles, policy: None },
            registry: None,
            keeps_exchanges: false,
        }
    }
}

/// What an issuer's tokens say of themselves.
#[derive(Debug)]
pub enum Tokens {
    /// Who issued them, for whom, and of which tenant their bearer is.
    Named {
        /// What `aud` must be or contain.
        audience: Audience,
    },
    /// Nothing of that: they are a stock Quilt catalog's own, and say only which of its people it is.
    Catalog {
        /// Of which tenant all its people are.
        tenant: String,
    },
}

/// Where an issuer's keys come from, or who else knows whether it has signed something.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeySource {
    /// One secret, known to the issuer and to this server.
    SharedSecret(JwtSecret),
    /// A JWK Set at this address: `https`, or `http` on this machine.
    Published(Arc<str>),
    /// Nowhere: this registry, which signs the tokens, is asked about each of them at each request.
    Registry(RegistryUrl),
}

/// A token issuer's name: an `https` URL, or a plain name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// # Errors
    ///
    /// It is empty, too long, has blanks, is plain `http`, or is the name this server uses for single-user mode.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        plain_name(text, "issuer")?;
        if text == Principal::single_user().issuer() {
            return Err(ConfigError::new(format!(
                "the issuer {text:?} is reserved for single-user mode: set {} to the `iss` of your tokens",
                Setting::JwtIssuer.variable()
            )));
        }
        if let Some((scheme, rest)) = text.split_once("://")
            && scheme != "https"
            && !(scheme == "http" && on_this_machine(rest))
        {
            return Err(ConfigError::new(format!(
                "the issuer {text:?} is not safe to trust: set {} to an https URL",
                Setting::JwtIssuer.variable()
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// Who issues tokens that name no issuer: its address stands for it.
    pub(super) fn of_registry(registry: &RegistryUrl) -> Self {
        Self(registry.as_str().to_owned())
    }

    /// The text, to be compared byte by byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// This server's name at the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(String);

impl Audience {
    /// # Errors
    ///
    /// It is empty, too long, has blanks, or is a wildcard.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        plain_name(text, "audience")?;
        if text.contains('*') {
            return Err(ConfigError::new(format!(
                "the audience {text:?} would accept tokens that were issued for other servers: set {} to the one name \
                 your issuer uses for this server",
                Setting::JwtAudience.variable()
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text, to be compared byte by byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The secret that signs tokens: wiped on drop, never shown.
pub struct JwtSecret(SecretSlice<u8>);

impl JwtSecret {
    const MIN_BYTES: usize = 32;
    const MIN_DISTINCT: usize = 8;

    /// Takes the secret's bytes.
    ///
    /// # Errors
    ///
    /// Fewer than 32 bytes, or so few different ones that somebody typed it: whoever can guess it can be anybody.
    pub fn new(bytes: &[u8]) -> Result<Self, ConfigError> {
        let refused = |why: String| {
            ConfigError::new(format!(
                "the JWT secret {why}: use 32 or more random bytes, for instance `openssl rand -hex 32`"
            ))
        };
        if bytes.len() < Self::MIN_BYTES {
            return Err(refused(format!("has only {} bytes", bytes.len())));
        }
        let mut seen = [false; 256];
        for byte in bytes {
            seen[usize::from(*byte)] = true;
        }
        if seen.iter().filter(|seen| **seen).count() < Self::MIN_DISTINCT {
            return Err(refused("repeats itself and is easy to guess".into()));
        }
        Ok(Self(SecretSlice::from(bytes.to_vec())))
    }

    /// For the verifier alone.
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    pub(super) fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = protected_file::read_secret(path, "the JWT secret file")?;
        Self::new(text.trim_end_matches(['\r', '\n']).as_bytes())
    }
}

impl fmt::Debug for JwtSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSecret([redacted])")
    }
}

/// What was said about tokens, each part checked. Whether it is enough, and allowed, is for [`super::resolve`].
#[derive(Debug, Default)]
pub struct IdentitySettings {
    /// The signing secret.
    pub secret: Option<JwtSecret>,
    /// What `iss` must be.
    pub issuer: Option<Issuer>,
    /// What `aud` must be.
    pub audience: Option<Audience>,
    /// Which roles each tenant may use.
    pub roles: Option<AllowedRoles>,
    /// Which Quilt registry is shown that issuer's tokens.
    pub registry: Option<RegistryUrl>,
    /// Whether an exchange may be used again for the same token.
    pub keeps_exchanges: bool,
    /// The issuers of the configuration file.
    pub issuers: Vec<TrustedIssuer>,
    /// What the secret and the roles were given by, if not in their own words.
    pub files: Vec<Setting>,
}

impl IdentitySettings {
    pub(super) fn read(settings: &Settings) -> Self {
        let issuer = settings.text(Setting::JwtIssuer).map(Issuer::parse).transpose();
        let audience = settings.text(Setting::JwtAudience).map(Audience::parse).transpose();
        let read_table =
            |table: &IssuerTable| table.trusted().map_err(|problems| settings.note_all(problems)).ok();
        Self {
            secret: settings.note(read_secret(settings)).flatten(),
            issuer: settings.note(issuer).flatten(),
            audience: settings.note(audience).flatten(),
            roles: settings.note(read_roles(settings)).flatten(),
            // Not a word about tokens by itself: a single user has a registry too.
            registry: None,
            keeps_exchanges: false,
            issuers: settings.issuers().iter().filter_map(read_table).collect(),
            files: [Setting::JwtSecretFile, Setting::AllowedRolesFile]
                .into_iter()
                .filter(|file| settings.source(*file).is_some())
                .collect(),
        }
    }

    /// Whether anything was said of the one issuer that needs no file.
    pub(super) fn has_parts(&self) -> bool {
        self.secret.is_some() || self.issuer.is_some() || self.audience.is_some() || self.roles.is_some()
    }

    /// What is there, by its name in the environment.
    pub(super) fn names(&self) -> Vec<String> {
        let by = |file, value| if self.files.contains(&file) { file } else { value };
        let tables = (!self.issuers.is_empty()).then(|| "`[[issuer]]` in the configuration file".to_owned());
        [
            (self.secret.is_some(), by(Setting::JwtSecretFile, Setting::JwtSecret)),
            (self.issuer.is_some(), Setting::JwtIssuer),
            (self.audience.is_some(), Setting::JwtAudience),
            (self.roles.is_some(), by(Setting::AllowedRolesFile, Setting::AllowedRoles)),
        ]
        .into_iter()
        .filter(|(given, _)| *given)
        .map(|(_, setting)| setting.variable())
        .chain(tables)
        .collect()
    }
}

fn read_secret(settings: &Settings) -> Result<Option<JwtSecret>, ConfigError> {
    refuse_both(settings, Setting::JwtSecret, Setting::JwtSecretFile)?;
    if let Some(path) = settings.text(Setting::JwtSecretFile) {
        return JwtSecret::from_file(Path::new(path)).map(Some);
    }
    let secret = settings.text(Setting::JwtSecret);
    secret.map(|text| JwtSecret::new(text.as_bytes())).transpose()
}

fn read_roles(settings: &Settings) -> Result<Option<AllowedRoles>, ConfigError> {
    refuse_both(settings, Setting::AllowedRoles, Setting::AllowedRolesFile)?;
    if let Some(path) = settings.text(Setting::AllowedRolesFile) {
        let text = protected_file::read_trusted(Path::new(path), "the file of allowed roles")?;
        return AllowedRoles::parse_lines(&text).map(Some);
    }
    settings.list(Setting::AllowedRoles).map(AllowedRoles::parse).transpose()
}

fn refuse_both(settings: &Settings, value: Setting, file: Setting) -> Result<(), ConfigError> {
    if settings.source(value).is_some() && settings.source(file).is_some() {
        return Err(ConfigError::new(format!(
            "{} and {} are both set, and only one can count: unset one",
            settings.spell(value),
            settings.spell(file),
        )));
    }
    Ok(())
}

fn plain_name(text: &str, what: &str) -> Result<(), ConfigError> {
    if text.is_empty() || text.len() > 256 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ConfigError::new(format!(
            "the {what} {text:?} is not 1 to 256 visible ASCII characters without blanks: set it to exactly what your \
             tokens say"
        )));
    }
    Ok(())
}

pub(super) fn on_this_machine(authority_and_path: &str) -> bool {
    let authority = authority_and_path.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.strip_prefix("[::1]").map_or_else(
        || authority.split(':').next().unwrap_or_default(),
        |rest| if rest.is_empty() || rest.starts_with(':') { "[::1]" } else { "" },
    );
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}
