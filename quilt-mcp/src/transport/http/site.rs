//! Which web sites may talk to the server: the `Host` a request names, and the `Origin` of the page that sends it.
//!
//! Without this a page that somebody looks at could reach a server on their own machine, by giving its own name the
//! address 127.0.0.1. A client that is no browser sends no `Origin`, and passes.

use std::fmt;
use std::net::IpAddr;

use axum::extract::Request;
use http::uri::{Authority, Uri};
use http::{HeaderMap, HeaderValue, header};

/// The hosts and origins that are let in.
#[derive(Clone, Debug)]
pub(in crate::transport) struct Site {
    hosts: Vec<Host>,
    origins: Vec<Origin>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    name: String,
    port: Port,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: Host,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    Any,
    Only(u16),
}

/// A configured host or origin that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteError(String);

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SiteError {}

/// What a request names that is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) enum Foreign {
    Host,
    Origin,
}

impl Site {
    /// What is bound to loopback, and called by no other name.
    pub(in crate::transport) fn of_loopback(bound: IpAddr) -> Self {
        Self::new(bound, &[], &[]).expect("there is no name in it that could be malformed")
    }

    /// Loopback, the address that the server is bound to, and what is configured.
    pub(in crate::transport) fn new(
        bound: IpAddr,
        hosts: &[String],
        origins: &[String],
    ) -> Result<Self, SiteError> {
        let loopback =
            ["localhost", "127.0.0.1", "::1"].map(|name| Host { name: name.into(), port: Port::Any });
        let mut site = Self { hosts: loopback.to_vec(), origins: Vec::new() };
        site.origins = loopback.map(|host| Origin { scheme: "http".into(), host }).to_vec();
        if !bound.is_unspecified() {
            site.hosts.push(Host { name: bound.to_string(), port: Port::Any });
        }
        for host in hosts {
            site.hosts.push(allowed_host(host)?);
        }
        for origin in origins {
            site.origins.push(allowed_origin(origin)?);
        }
        Ok(site)
    }

    pub(in crate::transport) fn check(&self, request: &Request) -> Result<(), Foreign> {
        if !self.allows_hosts(request.uri(), request.headers()) {
            return Err(Foreign::Host);
        }
        if request.headers().get_all(header::ORIGIN).iter().all(|origin| self.allows_origin(origin)) {
            Ok(())
        } else {
            Err(Foreign::Origin)
        }
    }

    pub(super) fn allows_origin(&self, origin: &HeaderValue) -> bool {
        let Some((scheme, authority)) = origin.to_str().ok().and_then(|o| o.split_once("://")) else {
            return false;
        };
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        let port = authority.port_u16().or(default_port(scheme));
        self.origins
            .iter()
            .any(|o| o.scheme.eq_ignore_ascii_case(scheme) && o.host.is(authority.host(), port))
    }

    /// Every name by which the request calls the server must be its own, and there must be one. HTTP/2 has it in the URI.
    fn allows_hosts(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let named =
            headers.get_all(header::HOST).iter().map(|host| host.to_str().ok()?.parse::<Authority>().ok());
        let mut all = named.chain(uri.authority().cloned().map(Some)).peekable();
        all.peek().is_some()
            && all.all(|host| {
                host.is_some_and(|host| self.hosts.iter().any(|h| h.is(host.host(), host.port_u16())))
            })
    }
}

impl Host {
    fn is(&self, name: &str, port: Option<u16>) -> bool {
        self.name.eq_ignore_ascii_case(unbracketed(name))
            && match self.port {
                Port::Any => true,
                Port::Only(only) => port == Some(only),
            }
    }
}

/// `mcp.example.com` (any port) or `mcp.example.com:8443`.
fn allowed_host(text: &str) -> Result<Host, SiteError> {
    let error = || SiteError(format!("`{text}` is no allowed host: write `name` or `name:port`"));
    let authority: Authority = text.parse().map_err(|_| error())?;
    if authority.as_str().contains('@') || authority.host().is_empty() || authority.host().contains('*') {
        return Err(error());
    }
    let port = authority.port_u16().map_or(Port::Any, Port::Only);
    Ok(Host { name: unbracketed(authority.host()).to_owned(), port })
}

/// `https://app.example.com` (its default port), `https://app.example.com:8443`, or `http://app.example.com:*`.
fn allowed_origin(text: &str) -> Result<Origin, SiteError> {
    let error = || {
        SiteError(format!(
            "`{text}` is no allowed origin: write `scheme://name`, `scheme://name:port` or `..:*`"
        ))
    };
    let (scheme, rest) = text.split_once("://").ok_or_else(error)?;
    let (name, any) = rest.strip_suffix(":*").map_or((rest, false), |name| (name, true));
    let host = allowed_host(name).map_err(|_| error())?;
    let port = match (any, host.port) {
        (true, Port::Any) => Port::Any,
        (false, Port::Only(port)) => Port::Only(port),
        (false, Port::Any) => Port::Only(default_port(scheme).ok_or_else(error)?),
        (true, Port::Only(_)) => return Err(error()),
    };
    Ok(Origin { scheme: scheme.to_owned(), host: Host { port, ..host } })
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn site() -> Site {
        let (hosts, origins) =
            (["mcp.example.com"], ["https://app.example.com", "https://dev.example.com:*"]);
        Site::new([127, 0, 0, 1].into(), &hosts.map(String::from), &origins.map(String::from)).expect("valid")
    }

    fn check(host: &str, origin: Option<&str>) -> Result<(), Foreign> {
        let mut request = Request::post("/mcp").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        site().check(&request.body(Body::empty()).expect("a request"))
    }

    #[test]
    fn own_hosts_pass_and_foreign_ones_do_not() {
        for own in ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "mcp.example.com:444"] {
            assert_eq!(check(own, None), Ok(()), "{own}");
        }
        for foreign in ["evil.example", "localhost.evil.example", "mcp.example.com.evil.example", "a b", ""] {
            assert_eq!(check(foreign, None), Err(Foreign::Host), "{foreign}");
        }
    }

    #[test]
    fn a_request_must_name_a_host_and_every_name_must_be_right() {
        let none = Request::post("/mcp").body(Body::empty()).expect("a request");
        assert_eq!(site().check(&none), Err(Foreign::Host));
        let two = Request::post("http://evil.example/mcp").header("host", "localhost");
        assert_eq!(site().check(&two.body(Body::empty()).expect("a request")), Err(Foreign::Host));
        let two = Request::post("/mcp").header("host", "localhost").header("host", "evil.example");
        assert_eq!(site().check(&two.body(Body::empty()).expect("a request")), Err(Foreign::Host));
        let http2 = Request::post("http://localhost:8000/mcp").body(Body::empty()).expect("a request");
        assert_eq!(site().check(&http2), Ok(()));
    }

    #[test]
    fn own_origins_pass_and_foreign_ones_do_not() {
        for own in [
            "http://localhost:6274",
            "http://127.0.0.1",
            "http://[::1]:80",
            "https://app.example.com",
            "https://app.example.com:443",
            "https://dev.example.com:9999",
        ] {
            assert_eq!(check("localhost", Some(own)), Ok(()), "{own}");
        }
        for foreign in [
            "http://evil.example",
            "https://app.example.com:8443",
            "http://app.example.com",
            "https://app.example.com.evil.example",
            "http://localhost.evil.example",
            "null",
            "",
        ] {
            assert_eq!(check("localhost", Some(foreign)), Err(Foreign::Origin), "{foreign}");
        }
    }

    #[test]
    fn what_is_configured_wrongly_is_refused() {
        for host in ["", "http://x", "a@b", "*", "*.example.com"] {
            assert!(allowed_host(host).is_err(), "{host}");
        }
        for origin in ["x.example", "https://", "ftp://x.example", "https://x.example:1:*", "https://*"] {
            assert!(allowed_origin(origin).is_err(), "{origin}");
        }
    }
}
