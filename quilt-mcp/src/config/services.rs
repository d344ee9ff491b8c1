//! Which services belong to one request, and which to the process.

use std::fmt;

use super::{ConfigError, Deployment, Setting, Settings};

/// How long each of the services lives that an older server kept for the whole process. By default, for one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// The caller's AWS credentials.
    pub auth: Lives,
    /// What was found about the caller's rights.
    pub permissions: Lives,
    /// The caller's workflows.
    pub workflows: Lives,
}

/// How long what a service knows is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lives {
    /// For one request.
    #[default]
    Request,
    /// As long as the process. In single-user mode only.
    Process,
}

impl Lives {
    const EXPECTED: &str = "`request` or `process`";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "request" => Some(Self::Request),
            "process" => Some(Self::Process),
            _ => None,
        }
    }
}

/// As in the configuration.
impl fmt::Display for Lives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Process => "process",
        })
    }
}

impl Services {
    pub(super) fn read(settings: &Settings) -> Self {
        let lives = |setting| settings.parsed(setting, Lives::EXPECTED, Lives::parse).unwrap_or_default();
        Self {
            auth: lives(Setting::ServicesAuth),
            permissions: lives(Setting::ServicesPermissions),
            workflows: lives(Setting::ServicesWorkflows),
        }
    }

    /// Notes what would outlive a request though the server has many tenants.
    pub(super) fn check(self, settings: &Settings, deployment: &Deployment) {
        let Deployment::MultiTenant(_) = deployment else { return };
        for (setting, lives) in [
            (Setting::ServicesAuth, self.auth),
            (Setting::ServicesPermissions, self.permissions),
            (Setting::ServicesWorkflows, self.workflows),
        ] {
            if lives == Lives::Process {
                settings.note::<()>(Err(ConfigError::new(format!(
                    "{} is `process`, but in multi-tenant mode what is kept for one caller would serve the next. Set it \
                     to `request` or leave it out; `process` is for {}=single-user",
                    settings.spell(setting),
                    Setting::Mode.variable(),
                ))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::{Config, Flags};
    use super::*;

    const MULTI_TENANT: [(&str, &str); 5] = [
        ("QUILT_MCP_TRANSPORT", "http"),
        ("QUILT_MCP_JWT_SECRET", "0123456789abcdef0123456789ABCDEF"),
        ("QUILT_MCP_JWT_ISSUER", "https://idp.example.com"),
        ("QUILT_MCP_JWT_AUDIENCE", "quilt"),
        ("QUILT_MCP_ALLOWED_ROLES", "acme=arn:aws:iam::123456789012:role/quilt-*"),
    ];

    fn services(flags: Flags, environment: &[(&str, &str)]) -> Result<Services, ConfigError> {
        let home = [("HOME", "/home/alice")];
        let all = home.iter().chain(environment).map(|(name, value)| (name.into(), value.into()));
        Config::load(flags, all).map(|config| config.services)
    }

    #[test]
    fn each_belongs_to_its_request_unless_said_otherwise() {
        assert_eq!(services(Flags::default(), &[]), Ok(Services::default()));
        let auth = services(Flags::default(), &[("QUILT_MCP_SERVICES_AUTH", "process")]);
        assert_eq!(auth, Ok(Services { auth: Lives::Process, ..Services::default() }));
    }

    #[test]
    fn a_file_has_a_table_of_them_and_a_flag_counts_more() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("c.toml");
        std::fs::write(
            &path,
            "[services]\nauth = 'process'\npermissions = 'process'\nworkflows = 'request'",
        )?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let flags =
            Flags { config: Some(path), given: vec![(Setting::ServicesPermissions, "request".into())] };
        assert_eq!(services(flags, &[]), Ok(Services { auth: Lives::Process, ..Services::default() }));
        Ok(())
    }

    #[test]
    fn many_tenants_have_nothing_kept_for_the_process() {
        for setting in [Setting::ServicesAuth, Setting::ServicesPermissions, Setting::ServicesWorkflows] {
            let name = setting.variable();
            let mut environment = MULTI_TENANT.to_vec();
            environment.push((&name, "request"));
            assert_eq!(services(Flags::default(), &environment), Ok(Services::default()));
            environment.last_mut().expect("just pushed").1 = "process";
            let error = services(Flags::default(), &environment).expect_err("refused").to_string();
            assert!(error.contains(&name) && error.contains("would serve the next"), "{error}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        let error = services(Flags::default(), &[("QUILT_MCP_SERVICES_AUTH", "both")]).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "QUILT_MCP_SERVICES_AUTH is \"both\", which is not `request` or `process`"
        );
    }
}
