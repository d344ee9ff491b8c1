//! Where a server is: scheme, host and port, and nothing else.

use url::{Host, Url};

/// Why a text is no origin that may be asked. Who reads it knows what for, and says what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoOrigin {
    /// No URL at all.
    Malformed,
    /// A URL of no host.
    NoHost,
    /// Neither `https` nor, on this machine, `http`: what is sent there could be read on the way.
    Readable,
    /// There is a user name or a password in it.
    Credentials,
    /// There is more than an origin: a path, a query or a fragment.
    More,
}

/// The origin that `text` is, without a slash at the end. Plain `http` is taken for this machine only.
pub(super) fn origin(text: &str) -> Result<String, NoOrigin> {
    let url = Url::parse(text).map_err(|_| NoOrigin::Malformed)?;
    let host = url.host().ok_or(NoOrigin::NoHost)?;
    let here = match &host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err(NoOrigin::Readable);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NoOrigin::Credentials);
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(NoOrigin::More);
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{}://{host}{port}", url.scheme()))
}
