//! The tools and resources that the official conformance suite asks for, behind this server's own transport and made by
//! the same `#[scoped_tool]`. Nobody is asked for a token.
//!
//! Says where it listens in one line on standard output, and ends with its standard input.

mod backend;
mod prompts;
mod scope;
mod tools;

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use quilt_mcp::config::{Config, Door, Flags, Setting};
use quilt_mcp::transport::http::serve;
use quilt_mcp::transport::{AuthFailure, Authenticate, Authenticated, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::backend::Fixtures;

struct Anybody;

impl Authenticate for Anybody {
    fn authenticate<'a>(&'a self, _: &'a HeaderMap) -> BoxFuture<'a, Result<Authenticated, AuthFailure>> {
        async { Ok(Authenticated::single_user()) }.boxed()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What an operator gets who sets nothing.
    let given = vec![(Setting::Transport, "http".to_owned())];
    let config = Config::load(Flags { config: None, given }, [("HOME".into(), "/nonexistent".into())])?;
    let Door::Http(door) = config.door else { return Err("HTTP was asked for".into()) };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "http://{}/mcp", listener.local_addr()?)?;
    let server = Server::new(Arc::new(Fixtures::default()), config.limits.into())?;
    let shutdown = CancellationToken::new();
    let parent_gone = shutdown.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        parent_gone.cancel();
    });
    serve(&server, listener, &door.into(), Arc::new(Anybody), shutdown).await?;
    Ok(())
}
