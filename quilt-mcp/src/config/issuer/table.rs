//! The keys of an `[[issuer]]` table, each with what it is: what reads the file and what documents it are one.

use std::path::PathBuf;

use serde::Deserialize;

/// A key of an `[[issuer]]` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerKey {
    /// Its name.
    pub name: &'static str,
    /// What counts if it is left out; `None` if there is nothing.
    pub default: Option<&'static str>,
    /// What it decides.
    pub about: &'static str,
}

macro_rules! keys {
    ($($(#[doc = $doc:literal])* $name:ident: $kind:ty $(= $default:literal)?,)*) => {
        /// One table, as written.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct Table { $($(#[doc = $doc])* pub(super) $name: $kind,)* }

        impl IssuerKey {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self {
                name: stringify!($name),
                default: keys!(@default $($default)?),
                about: concat!($($doc),*).trim_ascii(),
            },)*];
        }
    };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
}

keys! {
    /// The `iss` of its tokens. Required, but for `catalog`.
    issuer: Option<String>,
    /// The `aud` of its tokens: this server's name at the issuer. Required, but for `catalog`.
    audience: Option<String>,
    /// What its tokens say: `named` for issuer, audience and tenant, `catalog` for those of a stock Quilt catalog, which say none of it.
    tokens: Option<Kind> = "named",
    /// Where it publishes its keys. This or `secret_file` is required, but for `catalog`.
    jwks_url: Option<String>,
    /// A file with the secret that it shares with this server. If a `catalog` has none, its registry is asked at each request.
    secret_file: Option<PathBuf>,
    /// Which algorithms are accepted. If not set, all that its keys can sign.
    algorithms: Option<Vec<String>>,
    /// Whether its tokens carry scopes of this server.
    scopes: Option<bool> = "false",
    /// What its tokens are exchanged for: `assume-role`, `web-identity` or `registry`.
    credentials: Option<Credentials> = "assume-role",
    /// Which roles a tenant's tokens may name: `tenant=arn-pattern` pairs. This or `allowed_roles_file` is required, but for `registry`.
    allowed_roles: Option<Vec<String>>,
    /// A file with those pairs, one a line.
    allowed_roles_file: Option<PathBuf>,
    /// A file with an IAM policy that every session is narrowed to.
    session_policy_file: Option<PathBuf>,
    /// The Quilt registry that is shown its tokens. Required for `registry`.
    registry_url: Option<String>,
    /// For which tenants it may vouch, for `registry`. The one of all its people, for `catalog`.
    tenants: Option<Vec<String>>,
}

/// What tokens say of themselves.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    #[default]
    Named,
    Catalog,
}

/// How AWS credentials come of a token.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Credentials {
    #[default]
    AssumeRole,
    WebIdentity,
    Registry,
}
