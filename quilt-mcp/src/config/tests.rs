mod refused;
mod registry;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789ABCDEF";
const ROLES: &str = "acme=arn:aws:iam::123456789012:role/quilt-*";
const HOME: (&str, &str) = ("HOME", "/home/alice");

fn load(
    environment: &[(&str, &str)],
    flags: &[(Setting, &str)],
    config: Option<&Path>,
) -> Result<Config, ConfigError> {
    let flags = Flags {
        config: config.map(Path::to_owned),
        given: flags.iter().map(|(setting, value)| (*setting, (*value).to_owned())).collect(),
    };
    let home = [HOME];
    Config::load(flags, home.iter().chain(environment).map(|(name, value)| (name.into(), value.into())))
}

/// A whole multi-tenant environment, with these in place of its own; an empty value takes one out.
fn multi_tenant<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let base = [
        ("QUILT_MCP_TRANSPORT", "http"),
        ("QUILT_MCP_JWT_SECRET", SECRET),
        ("QUILT_MCP_JWT_ISSUER", "https://idp.example.com"),
        ("QUILT_MCP_JWT_AUDIENCE", "quilt"),
        ("QUILT_MCP_ALLOWED_ROLES", ROLES),
    ];
    let kept = base.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty())).collect()
}

fn file(directory: &tempfile::TempDir, name: &str, mode: u32, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, text).expect("writes");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("sets the mode");
    path
}

fn http(config: &Config) -> &HttpConfig {
    match &config.door {
        Door::Http(http) => http,
        Door::Stdio => panic!("stdio"),
    }
}

#[test]
fn with_nothing_said_it_is_one_user_on_stdio() {
    let config = load(&[], &[], None).expect("good");
    assert!(matches!(config.deployment, Deployment::SingleUser { tenant: "default" }));
    assert_eq!(config.door, Door::Stdio);
    assert_eq!(config.admin_listen, None);
    assert_eq!(config.store.data_dir, Path::new("/home/alice/.local/share/quilt-mcp"));
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.log, LogConfig::default());
}

#[test]
fn over_http_the_defaults_are_loopback() {
    let config = load(&[], &[(Setting::Transport, "http")], None).expect("good");
    assert_eq!(
        http(&config),
        &HttpConfig {
            listen: "127.0.0.1:8000".parse().expect("an address"),
            allowed_hosts: ["localhost", "127.0.0.1", "[::1]"].map(String::from).into(),
            allowed_origins: ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"]
                .map(String::from)
                .into(),
            max_body_bytes: 4 * 1024 * 1024,
            sessions: Sessions::Off,
            public_url: None,
            max_connections: 4_096,
            header_timeout: Duration::from_secs(30),
            rate_limit: Some(6_000),
            tenant_rate_limit: Some(60_000),
        }
    );
}

#[test]
fn the_operators_pages_are_beside_http_unless_switched_off() {
    let admin = |transport: &str, told: Option<&str>| {
        let flags: Vec<_> = [(Setting::Transport, transport)]
            .into_iter()
            .chain(told.map(|address| (Setting::AdminListen, address)))
            .collect();
        load(&[], &flags, None).expect("good").admin_listen.map(|address| address.to_string())
    };
    assert_eq!(admin("http", None).as_deref(), Some("127.0.0.1:9464"));
    assert_eq!(admin("http", Some("off")), None);
    assert_eq!(admin("http", Some("0.0.0.0:9000")).as_deref(), Some("0.0.0.0:9000"));
    assert_eq!(admin("stdio", None), None);
    assert_eq!(admin("stdio", Some("off")), None);
    assert_eq!(admin("stdio", Some("localhost:9000")).as_deref(), Some("127.0.0.1:9000"));
}

#[test]
fn a_whole_multi_tenant_environment_is_detected() {
    let config = load(&multi_tenant(&[]), &[], None).expect("good");
    let Deployment::MultiTenant(trust) = config.deployment else { panic!("single-user") };
    assert_eq!(trust.issuers[0].issuer.as_str(), "https://idp.example.com");
    assert!(matches!(&trust.issuers[0].tokens, Tokens::Named { audience } if audience.as_str() == "quilt"));
    assert!(
        trust.issuers[0]
            .exchange
            .roles()
            .expect("roles")
            .permit("acme", &RoleArn::parse("arn:aws:iam::123456789012:role/quilt-x").expect("good"))
    );
}

#[test]
fn a_flag_counts_more_than_the_environment_and_that_more_than_the_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = file(
        &directory,
        "c.toml",
        0o600,
        "call_timeout = 1\ndrain_deadline = '1s'\nmax_concurrent_calls = 1\nlog = 'warn'",
    );
    let environment = [("QUILT_MCP_DRAIN_DEADLINE", "2"), ("QUILT_MCP_MAX_CONCURRENT_CALLS", "2")];
    let config = load(&environment, &[(Setting::MaxConcurrentCalls, "3")], Some(&path)).expect("good");
    assert_eq!(
        config.limits,
        Limits {
            call_timeout: Duration::from_secs(1),
            drain_deadline: Duration::from_secs(2),
            drain_grace: Duration::from_secs(1),
            max_concurrent_calls: 3,
            tenant_transfers: 64,
            reuse_credentials: 0,
        }
    );
    assert_eq!(config.log.filter, "warn");
}

#[test]
fn a_flag_names_another_file_than_the_environment_does() {
    let directory = tempfile::tempdir().expect("a directory");
    let one = file(&directory, "one.toml", 0o600, "max_concurrent_calls = 1");
    let two = file(&directory, "two.toml", 0o600, "max_concurrent_calls = 2");
    let environment = [("QUILT_MCP_CONFIG", one.to_str().expect("UTF-8"))];
    let calls =
        |config: Option<&Path>| load(&environment, &[], config).expect("good").limits.max_concurrent_calls;
    assert_eq!(calls(None), 1);
    assert_eq!(calls(Some(&two)), 2);
}

#[test]
fn a_whole_file_is_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let secret = file(&directory, "secret", 0o600, &format!("{SECRET}\n"));
    let text = format!(
        r#"
        mode = "multi-tenant"
        transport = "http"
        listen = "0.0.0.0:8443"
        admin_listen = "localhost:9000"
        data_dir = "/var/lib/quilt"
        jwt_secret_file = {secret:?}
        jwt_issuer = "https://idp.example.com"
        jwt_audience = "quilt"
        allowed_roles = ["{ROLES}", "globex=arn:aws:iam::210987654321:role/a,b"]
        allowed_hosts = ["MCP.example.com", "mcp.example.com:8443"]
        allowed_origins = ["https://app.example.com", "http://localhost:6274"]
        max_body_bytes = 1024
        sessions = true
        max_sessions = 5
        session_idle_timeout = "1m"
        log_format = "json"
        "#
    );
    let config = load(&[], &[], Some(&file(&directory, "c.toml", 0o644, &text))).expect("good");
    assert_eq!(config.admin_listen, Some("127.0.0.1:9000".parse().expect("an address")));
    assert_eq!(config.store.data_dir, Path::new("/var/lib/quilt"));
    assert_eq!(config.log.format, LogFormat::Json);
    let http = http(&config);
    assert_eq!(http.allowed_hosts, ["mcp.example.com", "mcp.example.com:8443"]);
    assert_eq!(http.allowed_origins, ["https://app.example.com:443", "http://localhost:6274"]);
    assert_eq!(http.sessions, Sessions::On { max: 5, idle: Duration::from_secs(60) });
    let Deployment::MultiTenant(trust) = config.deployment else { panic!("single-user") };
    let with_comma = RoleArn::parse("arn:aws:iam::210987654321:role/a,b").expect("good");
    assert!(trust.issuers[0].exchange.roles().expect("roles").permit("globex", &with_comma));
}

#[test]
fn the_data_directory_follows_the_platform() {
    let at = |environment: &[(&str, &str)], flags: &[(Setting, &str)]| {
        load(environment, flags, None).expect("good").store.data_dir
    };
    assert_eq!(at(&[("XDG_DATA_HOME", "/data")], &[]), Path::new("/data/quilt-mcp"));
    // A relative path there is to be ignored, says the specification.
    assert_eq!(at(&[("XDG_DATA_HOME", "data")], &[]), Path::new("/home/alice/.local/share/quilt-mcp"));
    assert_eq!(at(&[("XDG_DATA_HOME", "/data")], &[(Setting::DataDir, "/mine")]), Path::new("/mine"));
    assert!(at(&[], &[(Setting::DataDir, "mine")]).is_absolute());
}

#[test]
fn what_kubernetes_says_of_a_service_is_not_for_us() {
    let environment = [
        ("QUILT_MCP_SERVICE_HOST", "10.0.0.1"),
        ("QUILT_MCP_SERVICE_PORT_HTTP", "8000"),
        ("QUILT_MCP_PORT", "tcp://10.0.0.1:8000"),
        ("QUILT_MCP_PORT_8000_TCP_ADDR", "10.0.0.1"),
    ];
    load(&environment, &[], None).expect("good");
}

#[test]
fn an_address_in_a_lower_layer_does_not_stand_in_the_way_of_stdio() {
    let environment = [("QUILT_MCP_TRANSPORT", "http"), ("QUILT_MCP_LISTEN", "127.0.0.1:9")];
    assert_eq!(load(&environment, &[(Setting::Transport, "stdio")], None).expect("good").door, Door::Stdio);
}

#[test]
fn an_older_sign_that_says_no_is_no_sign() {
    load(&[("MCP_REQUIRE_JWT", "false"), ("LOG_SENSITIVE_BODIES", "false")], &[], None).expect("good");
    // And where multi-tenant mode is on, it has been heard.
    load(&multi_tenant(&[("MCP_REQUIRE_JWT", "true")]), &[], None).expect("good");
}

#[test]
fn a_value_that_is_not_text_is_refused() {
    use std::os::unix::ffi::OsStringExt as _;
    let environment = [("QUILT_MCP_MODE".into(), OsString::from_vec(vec![0xff]))];
    let error = Config::load(Flags::default(), environment).expect_err("must be refused").to_string();
    assert!(error.contains("not valid UTF-8"), "{error}");
}

#[test]
fn nothing_that_is_shown_shows_the_secret() {
    let environment = multi_tenant(&[]);
    let settings =
        Settings::read(Flags::default(), environment.iter().map(|(name, value)| (name.into(), value.into())));
    let config = load(&environment, &[], None).expect("good");
    let shown = format!("{settings:?} {config:?}");
    assert!(shown.contains("idp.example.com"));
    assert!(!shown.contains(SECRET), "{shown}");
}
