//! The table of settings. One name each, spelled three ways: `listen` in the file, `QUILT_MCP_LISTEN` in the
//! environment, `--listen` as a flag.

macro_rules! settings {
    ($($(#[$doc:meta])* $variant:ident = $key:literal,)*) => {
        /// Something the operator can decide.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Setting { $($(#[$doc])* $variant,)* }

        impl Setting {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the configuration file.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }
        }
    };
}

settings! {
    /// `auto`, `single-user` or `multi-tenant`.
    Mode = "mode",
    /// `stdio` or `http`.
    Transport = "transport",
    /// The address of the MCP endpoint.
    Listen = "listen",
    /// The address of `/metrics` and the health answers, or `off`.
    AdminListen = "admin_listen",
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
    /// The largest request, in bytes.
    MaxBodyBytes = "max_body_bytes",
    /// Whether MCP sessions are kept between requests.
    Sessions = "sessions",
    /// How many sessions are kept at once.
    MaxSessions = "max_sessions",
    /// When a session that nobody uses ends.
    SessionIdleTimeout = "session_idle_timeout",
    /// How long one call may take.
    CallTimeout = "call_timeout",
    /// How many calls one principal may have running.
    MaxConcurrentCalls = "max_concurrent_calls",
    /// How long running calls may take to finish when the server stops.
    DrainDeadline = "drain_deadline",
    /// What is logged: a filter such as `info,rmcp=warn`.
    Log = "log",
    /// `auto`, `json` or `human`.
    LogFormat = "log_format",
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
