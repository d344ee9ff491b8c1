//! The sockets a server listens on, opened before anything runs.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

use crate::config::{Config, Door, Setting};

/// How many connections the kernel makes before they are accepted, if it is configured to allow as many. Beyond that it tells
/// clients that they are connected, and forgets it: with the 128 that is usual a burst is enough.
const QUEUE: u32 = 4_096;

/// What a server listens on. Opened apart from serving, so that whoever asked for port 0 can learn which it became.
#[derive(Debug)]
pub struct Listeners {
    pub(super) mcp: Option<TcpListener>,
    pub(super) admin: Option<TcpListener>,
}

impl Listeners {
    /// Opens what `config` asks for. Call it within a runtime.
    ///
    /// # Errors
    ///
    /// An address cannot be bound; the message says which setting names another.
    pub fn open(config: &Config) -> io::Result<Self> {
        let mcp = match &config.door {
            Door::Stdio => None,
            Door::Http(http) => {
                Some(bind(http.listen, "MCP", &format!("set {} to another", Setting::Listen.variable()))?)
            }
        };
        let admin = match config.admin_listen {
            None => None,
            Some(address) => {
                let instead = format!("set {} to another, or to off", Setting::AdminListen.variable());
                Some(bind(address, "metrics and health answers", &instead)?)
            }
        };
        Ok(Self { mcp, admin })
    }

    /// Where MCP is served. `None`: on standard input and output.
    pub fn mcp_address(&self) -> Option<SocketAddr> {
        self.mcp.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Where the operator's pages are served. `None`: nowhere.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|listener| listener.local_addr().ok())
    }
}

fn bind(address: SocketAddr, what: &str, instead: &str) -> io::Result<TcpListener> {
    listen(address).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address} for {what}: {error}; {instead}"))
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As `TcpListener::bind` does, so that a server can be started again at once.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}
