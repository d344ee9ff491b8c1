//! The command line.
//!
//! Flags become the highest layer of [`crate::config`] as they were written. What they mean is decided there, so that a
//! value is judged by the same rules, and in the same words, wherever it was given.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::{DEFAULT_LISTEN, Flags, Setting};

/// An MCP server for Quilt data, in which one caller cannot act with another's rights.
#[derive(Debug, Parser)]
#[command(name = "quilt-mcp", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve MCP, for one person or for many tenants.
    #[command(after_help = SERVE_HELP)]
    Serve(Box<ServeArgs>),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Copy the workflow store while the server runs
    ///
    /// Each tenant's file is copied as it is at one moment, checked, and written to disk.
    Backup(BackupArgs),
    /// Put a backup in place of the workflow store, or of one tenant's file
    ///
    /// The whole store is restored into a data directory that has none. One tenant's file is replaced, and what was there
    /// is kept beside it: that tenant must not be writing meanwhile.
    Restore(RestoreArgs),
    /// Print a script by which a shell completes this command line
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Check the configuration that `serve` would use and say what it means, without its secrets.
    ///
    /// Sends nothing anywhere, except with --online. Fails if anything is wrong.
    Doctor(Box<DoctorArgs>),
    /// Show two tenants on one server, with an S3 and an STS of its own. Needs no AWS account.
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
}

const SERVE_HELP: &str = "\
Modes:
  single-user   You, with the AWS credentials your other tools use. On stdio, or on HTTP at a loopback address.
  multi-tenant  Many people over HTTP. Every request brings a token; the token names the tenant, the user and the AWS
                role to assume for that request. There is no other source of credentials.
  auto          multi-tenant if anything about tokens is configured, else single-user.

Settings:
  Each flag is also a variable (--admin-listen is QUILT_MCP_ADMIN_LISTEN) and a key of the configuration file
  (admin_listen). A flag counts more than the variable, the variable more than the file. Without a flag:
    QUILT_MCP_JWT_SECRET            the secret that signs tokens; a file is better
    QUILT_MCP_MAX_CONCURRENT_CALLS  calls one principal may have running (16)
    QUILT_MCP_TENANT_TRANSFERS      objects or parts that all pushes of a tenant have on their way at once (64)
    QUILT_MCP_DRAIN_GRACE           how long to take requests after saying that it is not ready (1s)
    QUILT_MCP_RATE_LIMIT            requests one principal may send a minute (6000; 0: any number)
    QUILT_MCP_TENANT_RATE_LIMIT     requests all principals of a tenant may send a minute (60000)
    QUILT_MCP_MAX_CONNECTIONS       connections served at once (4096)
    QUILT_MCP_HEADER_TIMEOUT        how long the head of a request may take (30s)
    QUILT_MCP_REUSE_CREDENTIALS     for how many tokens AWS credentials are kept between requests (0)
    QUILT_MCP_PUBLIC_URL            the endpoint as clients know it, such as https://mcp.example.com/mcp
    QUILT_MCP_MAX_BODY_BYTES        the largest request (4194304)
    QUILT_MCP_MAX_SESSIONS          sessions kept at once, if any are (1000)
    QUILT_MCP_SESSION_IDLE_TIMEOUT  when an unused session ends (600s)
    QUILT_MCP_OTLP_ENDPOINT         where spans are sent: a collector such as http://127.0.0.1:4318 (feature otel)
    QUILT_MCP_DOCS_URL              the site of Quilt's documentation that is searched, or off
    QUILT_MCP_ATHENA_WORKGROUP      the Athena workgroup of queries that name none
    QUILT_MCP_ATHENA_WRITES         whether Athena statements may change something (false)
    QUILT_MCP_ATHENA_TIME_LIMIT     how long an Athena query may run before it is stopped (90s)
    QUILT_MCP_TABULATOR_CATALOG     the data catalog of Quilt's Tabulator
  Several issuers of tokens, and keys that an issuer publishes: `[[issuer]]` in the file; see docs/identity.md.
  AWS is configured as for every AWS tool: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, ~/.aws/config.

Examples:
  quilt-mcp serve
  quilt-mcp serve --transport http
  quilt-mcp serve --config /etc/quilt-mcp.toml";

/// Flags of `serve`. Each is a setting; see [`Setting`].
#[derive(Debug, Default, Args)]
pub struct ServeArgs {
    /// How clients reach the server: stdio or http [default: stdio]
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<String>,
    /// Where to serve MCP, with --transport http [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Who to serve: auto, single-user or multi-tenant [default: auto]
    #[arg(long, value_name = "MODE")]
    mode: Option<String>,
    /// Where to serve metrics and health answers, or off [default: 127.0.0.1:9464 with --transport http, else off]
    ///
    /// Whoever reaches this address reads them without a token, so it is loopback unless you say otherwise.
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<String>,
    /// Where to keep workflows [default: the user's data directory]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The Quilt catalog that links lead to, such as `https://catalog.example.com` [default: none]
    #[arg(long, value_name = "URL")]
    catalog_url: Option<String>,
    /// The Quilt registry that is shown tokens of `--jwt-issuer`, or a single user's [default: none]
    #[arg(long, value_name = "URL")]
    registry_url: Option<String>,
    /// A file with a single user's token for the registry [default: none]
    #[arg(long, value_name = "FILE")]
    registry_token_file: Option<String>,
    /// How long the registry, or the catalog, may take to answer, such as 30s [default: 30s]
    #[arg(long, value_name = "TIME")]
    registry_timeout: Option<String>,
    /// A TOML file with settings [env: QUILT_MCP_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The `iss` of accepted tokens
    #[arg(long, value_name = "ISSUER", help_heading = "Tokens")]
    jwt_issuer: Option<String>,
    /// The `aud` of accepted tokens: this server's name at the issuer
    #[arg(long, value_name = "AUDIENCE", help_heading = "Tokens")]
    jwt_audience: Option<String>,
    /// A file with the secret that signs tokens, 32 bytes or more, readable by its owner only
    #[arg(long, value_name = "FILE", help_heading = "Tokens")]
    jwt_secret_file: Option<String>,
    /// Which roles tokens may name, as tenant=arn-pattern pairs with commas between
    ///
    /// `*` in a pattern stands for characters within one segment of the role's path or name.
    #[arg(long, value_name = "PAIRS", help_heading = "Tokens")]
    allowed_roles: Option<String>,
    /// A file with such pairs, one a line
    #[arg(long, value_name = "FILE", help_heading = "Tokens")]
    allowed_roles_file: Option<String>,

    /// Names by which clients may reach the server, with commas between [default: loopback names]
    #[arg(long, value_name = "HOSTS", help_heading = "HTTP")]
    allowed_hosts: Option<String>,
    /// Web pages that may call the server, with commas between [default: pages of this machine]
    #[arg(long, value_name = "ORIGINS", help_heading = "HTTP")]
    allowed_origins: Option<String>,
    /// Keep MCP sessions between requests
    #[arg(long, help_heading = "HTTP")]
    sessions: bool,

    /// How long one call may take [default: 120s]
    #[arg(long, value_name = "TIME", help_heading = "Limits and logs")]
    call_timeout: Option<String>,
    /// How long running calls may take to finish when the server stops [default: 20s]
    #[arg(long, value_name = "TIME", help_heading = "Limits and logs")]
    drain_deadline: Option<String>,
    /// How long to keep AWS credentials: request or process; process in single-user mode only [default: request]
    #[arg(long, value_name = "LIVES", help_heading = "Services")]
    services_auth: Option<String>,
    /// How long to remember rights: request or process; process in single-user mode only [default: request]
    #[arg(long, value_name = "LIVES", help_heading = "Services")]
    services_permissions: Option<String>,
    /// Keep workflows durably (request) or in memory (process); process in single-user mode only [default: request]
    #[arg(long, value_name = "LIVES", help_heading = "Services")]
    services_workflows: Option<String>,
    /// What to log, such as info,quilt_mcp=debug [default: info]
    #[arg(long, value_name = "FILTER", help_heading = "Limits and logs")]
    log: Option<String>,
    /// How a line of the log looks: auto, json or human [default: auto]
    #[arg(long, value_name = "FORMAT", help_heading = "Limits and logs")]
    log_format: Option<String>,
}

impl ServeArgs {
    /// The highest layer of the configuration.
    pub fn into_flags(self) -> Flags {
        let given = [
            (Setting::Transport, self.transport),
            (Setting::Listen, self.listen),
            (Setting::Mode, self.mode),
            (Setting::AdminListen, self.admin_listen),
            (Setting::DataDir, self.data_dir),
            (Setting::CatalogUrl, self.catalog_url),
            (Setting::RegistryUrl, self.registry_url),
            (Setting::RegistryTokenFile, self.registry_token_file),
            (Setting::RegistryTimeout, self.registry_timeout),
            (Setting::JwtIssuer, self.jwt_issuer),
            (Setting::JwtAudience, self.jwt_audience),
            (Setting::JwtSecretFile, self.jwt_secret_file),
            (Setting::AllowedRoles, self.allowed_roles),
            (Setting::AllowedRolesFile, self.allowed_roles_file),
            (Setting::AllowedHosts, self.allowed_hosts),
            (Setting::AllowedOrigins, self.allowed_origins),
            (Setting::Sessions, self.sessions.then(|| "true".to_owned())),
            (Setting::CallTimeout, self.call_timeout),
            (Setting::DrainDeadline, self.drain_deadline),
            (Setting::ServicesAuth, self.services_auth),
            (Setting::ServicesPermissions, self.services_permissions),
            (Setting::ServicesWorkflows, self.services_workflows),
            (Setting::Log, self.log),
            (Setting::LogFormat, self.log_format),
        ];
        Flags {
            config: self.config,
            given: given.into_iter().filter_map(|(setting, value)| Some((setting, value?))).collect(),
        }
    }
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting that `serve` would have with the same flags, and where it comes from; no secrets
    Show(Box<ServeArgs>),
}

/// Where the store is that a command looks after.
#[derive(Debug, Default, Args)]
pub struct StoreArgs {
    /// Where workflows are kept [default: the user's data directory]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// A TOML file with settings [env: QUILT_MCP_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl StoreArgs {
    /// The highest layer of the configuration.
    pub fn into_flags(self) -> Flags {
        let given = self.data_dir.map(|directory| (Setting::DataDir, directory));
        Flags { config: self.config, given: given.into_iter().collect() }
    }
}

/// Flags of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Where the store is.
    #[command(flatten)]
    pub store: StoreArgs,
    /// A directory that is not there yet
    #[arg(value_name = "TO")]
    pub to: PathBuf,
}

/// Flags of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Where the store is.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Restore the file of this tenant only
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// What `backup` made
    #[arg(value_name = "FROM")]
    pub from: PathBuf,
}

/// Flags of `doctor`: those of `serve`, and one.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// What `serve` would be given.
    #[command(flatten)]
    pub serve: ServeArgs,
    /// Also ask each issuer for its keys, or whether it takes a token that nobody signed, and AWS for whom it takes this process
    #[arg(long)]
    pub online: bool,
}

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to serve MCP
    #[arg(long, value_name = "ADDR", default_value_t = DEFAULT_LISTEN)]
    pub listen: SocketAddr,
    /// Play the scripted session against the server and stop; fails if anything goes wrong
    #[arg(long)]
    pub once: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn flags(line: &str) -> Flags {
        match Cli::try_parse_from(line.split(' ')).expect("a good line").command {
            Command::Serve(args) => args.into_flags(),
            Command::Doctor(args) => args.serve.into_flags(),
            other => panic!("not serve: {other:?}"),
        }
    }

    #[test]
    fn clap_finds_no_fault_with_the_definition() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_of_serve_is_the_setting_of_its_name() {
        let command = Cli::command();
        let serve = command.find_subcommand("serve").expect("serve");
        for argument in serve.get_arguments().filter_map(|argument| argument.get_long()) {
            if matches!(argument, "config" | "help") {
                continue;
            }
            let line = if argument == "sessions" {
                format!("quilt-mcp serve --{argument}")
            } else {
                format!("quilt-mcp serve --{argument} x")
            };
            let given = flags(&line).given;
            assert_eq!(given.len(), 1, "{argument}");
            assert_eq!(given[0].0.flag(), format!("--{argument}"));
        }
    }

    #[test]
    fn every_shell_can_complete_every_command() {
        use clap::ValueEnum as _;
        for shell in clap_complete::Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "quilt-mcp", &mut script);
            let script = String::from_utf8(script).expect("text");
            for word in ["serve", "config", "backup", "restore", "completions", "admin-listen"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }

    #[test]
    fn every_command_says_what_it_does() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} of {}", argument.get_id(), command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn the_doctor_takes_what_serve_takes() {
        assert_eq!(flags("quilt-mcp doctor --online --mode multi-tenant").given.len(), 1);
    }

    #[test]
    fn no_flag_takes_the_secret_itself() {
        let line = ["quilt-mcp", "serve", "--jwt-secret", "x"];
        assert!(Cli::try_parse_from(line).is_err(), "a command line is seen by every process");
    }

    #[test]
    fn every_setting_is_named_in_the_help() {
        let mut command = Cli::command();
        let help = command.find_subcommand_mut("serve").expect("serve").render_long_help().to_string();
        for setting in Setting::ALL {
            assert!(help.contains(&setting.flag()) || help.contains(&setting.variable()), "{setting:?}");
        }
    }

    #[cfg(feature = "demo")]
    #[test]
    fn the_demo_has_defaults() {
        let Command::Demo(demo) = Cli::try_parse_from(["quilt-mcp", "demo"]).expect("good").command else {
            panic!("not the demo");
        };
        assert_eq!((demo.listen.to_string().as_str(), demo.once), ("127.0.0.1:8000", false));
    }

    #[test]
    fn the_version_is_the_package_version() {
        let error = Cli::try_parse_from(["quilt-mcp", "--version"]).expect_err("prints and stops");
        assert!(error.to_string().contains(env!("CARGO_PKG_VERSION")));
    }
}
