//! The table of settings. One name each, spelled three ways: `listen` in the file, `QUILT_MCP_LISTEN` in the
//! environment, `--listen` as a flag.

macro_rules! settings {
    ($($(#[doc = $doc:literal])* $variant:ident = $key:literal $(or $default:literal)?,)*) => {
        /// Something the operator can decide.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Setting { $($(#[doc = $doc])* $variant,)* }

        impl Setting {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the configuration file.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }

            /// What it decides.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*).trim_ascii(),)* }
            }

            /// What counts if nothing is said, if that is the same everywhere.
            pub const fn default(self) -> Option<&'static str> {
                match self { $(Self::$variant => settings!(@default $($default)?),)* }
            }
        }
    };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
}

settings! {
    /// `auto`, `single-user` or `multi-tenant`.
    Mode = "mode" or "auto",
    /// `stdio` or `http`.
    Transport = "transport" or "stdio",
    /// The address of the MCP endpoint.
    Listen = "listen" or "127.0.0.1:8000",
    /// The address of `/metrics` and the health answers, or `off`. If not set, over HTTP 127.0.0.1:9464.
    AdminListen = "admin_listen",
    /// The catalog that links lead to.
    CatalogUrl = "catalog_url",
    /// The Quilt registry that is shown tokens of `jwt_issuer`, or a single user's.
    RegistryUrl = "registry_url",
    /// A file with a single user's token for the registry.
    RegistryTokenFile = "registry_token_file",
    /// How long the registry, or the catalog, may take to answer.
    RegistryTimeout = "registry_timeout" or "30s",
    /// The site of Quilt's documentation that is searched, or `off`.
    DocsUrl = "docs_url" or "https://docs.quilt.bio",
    /// The Athena workgroup of queries that name none. If not set, the caller's first that has a place for results.
    AthenaWorkgroup = "athena_workgroup",
    /// Whether callers may send Athena statements that change something.
    AthenaWrites = "athena_writes" or "false",
    /// How long an Athena query may run before it is stopped.
    AthenaTimeLimit = "athena_time_limit" or "90s",
    /// The data catalog of Quilt's Tabulator. If not set, the catalog says: `quilt-STACK-tabulator`.
    TabulatorCatalog = "tabulator_catalog",
    /// The directory of what outlives the process.
    DataDir = "data_dir",
    /// The secret that signs tokens. In the environment only.
    JwtSecret = "jwt_secret",
    /// A file with that secret.
    JwtSecretFile = "jwt_secret_file",
    /// The `iss` of accepted tokens.
    JwtIssuer = "jwt_issuer",
    /// The `aud` of accepted tokens: this server's name at the issuer.
    JwtAudience = "jwt_audience",
    /// Which roles a tenant's tokens may name: `tenant=arn-pattern` pairs.
    AllowedRoles = "allowed_roles",
    /// A file with those pairs, one a line.
    AllowedRolesFile = "allowed_roles_file",
    /// Names by which clients may reach the server.
    AllowedHosts = "allowed_hosts",
    /// Web pages that may call the server.
    AllowedOrigins = "allowed_origins",
    /// The endpoint as clients know it.
    PublicUrl = "public_url",
    /// How many connections are served at once.
    MaxConnections = "max_connections" or "4096",
    /// How long the head of a request may take.
    HeaderTimeout = "header_timeout" or "30s",
    /// How many requests one principal may send a minute. 0: any number.
    RateLimit = "rate_limit" or "6000",
    /// How many requests all principals of a tenant may send a minute. 0: any number.
    TenantRateLimit = "tenant_rate_limit" or "60000",
    /// For how many tokens AWS credentials are kept between requests. 0: each request has its own.
    ReuseCredentials = "reuse_credentials" or "0",
    /// The largest request, in bytes.
    MaxBodyBytes = "max_body_bytes" or "4194304",
    /// Whether MCP sessions are kept between requests.
    Sessions = "sessions" or "false",
    /// How many sessions are kept at once.
    MaxSessions = "max_sessions" or "1000",
    /// When a session that nobody uses ends.
    SessionIdleTimeout = "session_idle_timeout" or "600s",
    /// How long one call may take.
    CallTimeout = "call_timeout" or "120s",
    /// How many calls one principal may have running.
    MaxConcurrentCalls = "max_concurrent_calls" or "16",
    /// How many objects, or parts of one, a tenant may push, verify and install at once. Others wait their turn.
    TenantTransfers = "tenant_transfers" or "64",
    /// How long running calls may take to finish when the server stops.
    DrainDeadline = "drain_deadline" or "20s",
    /// How long the server goes on taking requests once it says that it is not ready.
    DrainGrace = "drain_grace" or "1s",
    /// Whether credentials are kept for a `request` or the `process`.
    ServicesAuth = "services_auth" or "request",
    /// Whether rights are remembered for a `request` or the `process`.
    ServicesPermissions = "services_permissions" or "request",
    /// Whether workflows are durable, each `request` on its own, or kept in the memory of the `process`.
    ServicesWorkflows = "services_workflows" or "request",
    /// What is logged: a filter such as `info,rmcp=warn`.
    Log = "log" or "info",
    /// `auto`, `json` or `human`.
    LogFormat = "log_format" or "auto",
    /// Where spans are sent: a collector that speaks OTLP over HTTP, such as http://127.0.0.1:4318. Needs the feature `otel`.
    OtlpEndpoint = "otlp_endpoint",
}

impl Setting {
    /// The name in the environment.
    pub fn variable(self) -> String {
        format!("QUILT_MCP_{}", self.key().to_ascii_uppercase())
    }

    /// The name as a flag.
    pub fn flag(self) -> String {
        format!("--{}", self.key().replace('_', "-"))
    }

    /// Whether its value must not be shown, nor stand in a file with other settings.
    pub fn is_secret(self) -> bool {
        self.key().ends_with("_secret")
    }

    /// The setting of that name in the file.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|setting| setting.key() == key)
    }

    /// The setting whose name is nearest to `key`, if any is near enough to be meant.
    pub(super) fn nearest(key: &str) -> Option<Self> {
        let (distance, setting) =
            Self::ALL.iter().map(|setting| (distance(setting.key(), key), *setting)).min()?;
        (distance <= 1 + key.len() / 4).then_some(setting)
    }
}

/// How many characters differ (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(from != *to)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_its_own() {
        for setting in Setting::ALL {
            assert_eq!(Setting::from_key(setting.key()), Some(*setting));
        }
    }

    #[test]
    fn a_near_miss_finds_what_was_meant_and_a_far_one_nothing() {
        assert_eq!(Setting::nearest("jwt_isuer"), Some(Setting::JwtIssuer));
        assert_eq!(Setting::nearest("alowed_roles"), Some(Setting::AllowedRoles));
        assert_eq!(Setting::nearest("colour"), None);
    }
}
