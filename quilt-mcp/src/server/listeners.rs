//! The sockets a server listens on, opened before anything runs.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::config::{Config, Door, Setting};

/// What a server listens on. Opened apart from serving, so that whoever asked for port 0 can learn which it became.
#[derive(Debug)]
pub struct Listeners {
    pub(super) mcp: Option<TcpListener>,
    pub(super) admin: Option<TcpListener>,
}

impl Listeners {
    /// Opens what `config` asks for.
    ///
    /// # Errors
    ///
    /// An address cannot be bound; the message says which setting names another.
    pub async fn open(config: &Config) -> io::Result<Self> {
        let mcp = match &config.door {
            Door::Stdio => None,
            Door::Http(http) => Some(
                bind(http.listen, "MCP", &format!("set {} to another", Setting::Listen.variable())).await?,
            ),
        };
        let admin = match config.admin_listen {
            None => None,
            Some(address) => {
                let instead = format!("set {} to another, or to off", Setting::AdminListen.variable());
                Some(bind(address, "metrics and health answers", &instead).await?)
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

async fn bind(address: SocketAddr, what: &str, instead: &str) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address} for {what}: {error}; {instead}"))
    })
}
