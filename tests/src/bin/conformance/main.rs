//! The tools and resources that the official conformance suite asks for, behind this server's own transport and made by
//! the same `#[scoped_tool]`. Nobody is asked for a token.
//!
//! Says where it listens in one line on standard output, and ends with its standard input.

mod backend;
mod scope;
mod tools;

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use http::HeaderMap;
use quilt_mcp::transport::http::{HttpOptions, serve};
use quilt_mcp::transport::{AuthFailure, Authenticate, Authenticated, Limits, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::backend::Fixtures;

struct Anybody;

impl Authenticate for Anybody {
    fn authenticate(&self, _: &HeaderMap) -> Result<Authenticated, AuthFailure> {
        Ok(Authenticated::single_user())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "http://{}/mcp", listener.local_addr()?)?;
    let server = Server::new(Arc::new(Fixtures::default()), Limits::default())?;
    let shutdown = CancellationToken::new();
    let parent_gone = shutdown.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        parent_gone.cancel();
    });
    serve(&server, listener, &HttpOptions::default(), Arc::new(Anybody), shutdown).await?;
    Ok(())
}
