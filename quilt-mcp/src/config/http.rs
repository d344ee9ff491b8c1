//! The HTTP door: where it is, by what names, for which web pages.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::jwt::on_this_machine;
use super::limits::{duration, number};
use super::{ConfigError, Setting, Settings, Transport};

/// Where MCP is served over HTTP when nothing is said.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);

/// Where the operator's pages are served beside it when nothing is said. The port on which OpenTelemetry's exporters
/// offer Prometheus metrics; 9090, which comes to mind first, is where Prometheus itself listens.
pub const DEFAULT_ADMIN_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

/// Instead of an address: the operator's pages are served nowhere.
const OFF: &str = "off";
const EXPECTED_ADDRESS: &str = "an address with a port, such as 127.0.0.1:8000 or [::1]:8000";
const EXPECTED_ADMIN_ADDRESS: &str = "an address with a port, such as 127.0.0.1:9464, or `off`";

/// The HTTP door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpConfig {
    /// Where MCP is served. Port 0: any free one.
    pub listen: SocketAddr,
    /// What `Host` may be, as `name` or `name:port`, lower case; an IPv6 address in brackets. Anything else is a page that tries to reach the
    /// server under a name of its own.
    pub allowed_hosts: Vec<String>,
    /// What `Origin` may be, as `scheme://host:port`, where the port may be `*`. A request without `Origin` is from no
    /// web page.
    pub allowed_origins: Vec<String>,
    /// The largest request, in bytes.
    pub max_body_bytes: usize,
    /// Whether MCP sessions are kept.
    pub sessions: Sessions,
    /// The endpoint as clients know it. `None`: as it is bound.
    pub public_url: Option<String>,
    /// How many connections are served at once.
    pub max_connections: usize,
    /// How long the head of a request may take.
    pub header_timeout: Duration,
    /// How many requests one principal may send a minute.
    pub rate_limit: Option<u32>,
    /// How many requests all principals of a tenant may send a minute.
    pub tenant_rate_limit: Option<u32>,
}

/// Whether MCP sessions are kept between requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// Each request stands alone, so that any replica can answer it.
    Off,
    /// Kept in this process, each for the principal that opened it.
    On {
        /// How many at once, of all principals.
        max: usize,
        /// When one that nobody uses ends.
        idle: Duration,
    },
}

impl HttpConfig {
    /// What was said; whether it is enough is for [`names_known`](Self::names_known).
    pub(super) fn read(settings: &Settings, listen: SocketAddr) -> Self {
        Self {
            listen,
            allowed_hosts: settings.note(allowed_hosts(settings, listen)).unwrap_or_default(),
            allowed_origins: settings.note(allowed_origins(settings)).unwrap_or_default(),
            max_body_bytes: number(settings, Setting::MaxBodyBytes, 4 << 20, 1 << 10..=64 << 20),
            sessions: sessions(settings),
            public_url: settings.note(public_url(settings, listen)).flatten(),
            max_connections: number(settings, Setting::MaxConnections, 4_096, 1..=1_000_000),
            header_timeout: duration(settings, Setting::HeaderTimeout, 30, 1..=300),
            rate_limit: rate(settings, Setting::RateLimit, 6_000),
            tenant_rate_limit: rate(settings, Setting::TenantRateLimit, 60_000),
        }
    }

    /// Itself, if the server knows by which names clients reach it.
    pub(super) fn names_known(self, listen: SocketAddr) -> Result<Self, ConfigError> {
        if self.allowed_hosts.is_empty() {
            return Err(ConfigError::new(format!(
                "on {listen} the server has to know by which names clients reach it: set {}, for instance \
                 mcp.example.com",
                Setting::AllowedHosts.variable(),
            )));
        }
        Ok(self)
    }
}

/// Where MCP is served, if over HTTP.
pub(super) fn listen(settings: &Settings) -> SocketAddr {
    settings.parsed(Setting::Listen, EXPECTED_ADDRESS, address).unwrap_or(DEFAULT_LISTEN)
}

/// Where the operator's pages are served: beside HTTP unless switched off, beside stdio only if asked for.
pub(super) fn admin_listen(settings: &Settings, transport: Transport) -> Option<SocketAddr> {
    let told = settings.parsed(Setting::AdminListen, EXPECTED_ADMIN_ADDRESS, |text| match text {
        OFF => Some(None),
        text => address(text).map(Some),
    });
    let beside_http = (transport == Transport::Http).then_some(DEFAULT_ADMIN_LISTEN);
    told.unwrap_or(beside_http)
}

pub(super) fn refuse_one_address_for_both(
    settings: &Settings,
    transport: Transport,
    listen: SocketAddr,
    admin: Option<SocketAddr>,
) -> Result<(), ConfigError> {
    if transport == Transport::Http && admin.is_some_and(|admin| overlap(admin, listen)) {
        return Err(ConfigError::new(format!(
            "{} and {} are both {listen}: give the operator's pages an address of their own, or `{OFF}`",
            Setting::Listen.variable(),
            settings.spell(Setting::AdminListen),
        )));
    }
    Ok(())
}

/// Whether one of the two could not be bound while the other is.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let same_host = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    same_host && one.port() == other.port() && one.port() != 0
}

/// An address on stdio shows that the operator expects a listener which will never be. (An address in a lower layer than
/// the word `stdio` is merely overruled.)
pub(super) fn refuse_an_address_without_http(
    settings: &Settings,
    transport: Transport,
) -> Result<(), ConfigError> {
    let address = settings.source(Setting::Listen);
    if transport == Transport::Stdio && address.is_some() && address >= settings.source(Setting::Transport) {
        return Err(ConfigError::new(format!(
            "{} is set, but the transport is stdio, which listens nowhere: set {}=http as well",
            settings.spell(Setting::Listen),
            Setting::Transport.variable(),
        )));
    }
    Ok(())
}

fn address(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port.parse().ok()?)),
        None => text.parse().ok(),
    }
}

fn allowed_hosts(settings: &Settings, listen: SocketAddr) -> Result<Vec<String>, ConfigError> {
    let Some(hosts) = settings.list(Setting::AllowedHosts) else {
        if !listen.ip().to_canonical().is_loopback() {
            return Ok(Vec::new());
        }
        let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "[::1]"].map(String::from).into();
        let own = match listen.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        if !hosts.contains(&own) {
            hosts.push(own);
        }
        return Ok(hosts);
    };
    let refused = |what: &str| {
        ConfigError::new(format!(
            "{} has {what:?}: write plain host names, with a port or without, such as mcp.example.com. There is no \
             wildcard",
            settings.spell(Setting::AllowedHosts),
        ))
    };
    if hosts.is_empty() {
        return Err(refused(""));
    }
    hosts
        .into_iter()
        .map(|host| {
            let good = !host.contains(['*', '/', '@', '%'])
                && host.parse::<http::uri::Authority>().is_ok_and(|authority| !authority.host().is_empty());
            if good { Ok(host.to_ascii_lowercase()) } else { Err(refused(&host)) }
        })
        .collect()
}

fn allowed_origins(settings: &Settings) -> Result<Vec<String>, ConfigError> {
    let Some(origins) = settings.list(Setting::AllowedOrigins) else {
        return Ok(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"].map(String::from).into());
    };
    origins
        .into_iter()
        .map(|origin| {
            normal_origin(&origin).ok_or_else(|| {
                ConfigError::new(format!(
                    "{} has {origin:?}: write whole origins without a path, such as https://app.example.com. There is \
                     no wildcard, and `null` is not allowed",
                    settings.spell(Setting::AllowedOrigins),
                ))
            })
        })
        .collect()
}

/// With the port always there, so that nobody has to know the scheme's own.
fn normal_origin(text: &str) -> Option<String> {
    if text.contains(['*', '@', '?', '#']) {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.path() == "/" && !text.ends_with('/');
    match (plain, url.host_str(), url.port_or_known_default()) {
        (true, Some(host), Some(port)) => Some(format!("{}://{host}:{port}", url.scheme())),
        _ => None,
    }
}

/// Behind a proxy only the operator knows it. The first allowed name is a good guess where TLS ends before us.
fn public_url(settings: &Settings, listen: SocketAddr) -> Result<Option<String>, ConfigError> {
    let Some(text) = settings.text(Setting::PublicUrl) else {
        let hosts = settings.list(Setting::AllowedHosts).unwrap_or_default();
        let elsewhere = !listen.ip().to_canonical().is_loopback();
        return Ok(hosts
            .first()
            .filter(|_| elsewhere)
            .map(|host| format!("https://{}/mcp", host.to_ascii_lowercase())));
    };
    let url = url::Url::parse(text).ok().filter(|url| {
        let near = text.strip_prefix("http://").is_some_and(on_this_machine);
        let plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        plain && (url.scheme() == "https" || near) && url.path().ends_with("/mcp")
    });
    url.map(|url| Some(url.into())).ok_or_else(|| {
        ConfigError::new(format!(
            "{} cannot be used: write the https URL by which clients reach the endpoint, such as \
             https://mcp.example.com/mcp",
            settings.spell(Setting::PublicUrl),
        ))
    })
}

/// Requests a minute.
fn rate(settings: &Settings, setting: Setting, default: usize) -> Option<u32> {
    let rate = number(settings, setting, default, 0..=100_000_000);
    u32::try_from(rate).ok().filter(|rate| *rate > 0)
}

fn sessions(settings: &Settings) -> Sessions {
    let on =
        settings.parsed(Setting::Sessions, "`true` or `false`", |text| text.parse().ok()).unwrap_or(false);
    let max = number(settings, Setting::MaxSessions, 1_000, 1..=100_000);
    let idle = duration(settings, Setting::SessionIdleTimeout, 600, 10..=86_400);
    if on { Sessions::On { max, idle } } else { Sessions::Off }
}
