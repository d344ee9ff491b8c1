//! An S3 in memory: enough of it for both sides, and fast enough that it is seldom what is measured.
//!
//! `s3s-fs` would not do: it computes no checksums of copies and parts, without which quilt3 does not push. Signatures are
//! verified; rights, versions and folders there are none.

mod content;
mod operations;
pub(crate) mod samples;
mod store;

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;

use self::store::Store;
use crate::Result;

/// The one pair of keys that it knows.
pub(crate) const KEY: (&str, &str) = ("AKIAMEASURED", "measured");

/// Serves the samples until it is killed, and says first where: `http://127.0.0.1:40001`.
pub(crate) fn serve(largest: u64) -> Result {
    let store = Store::default();
    samples::fill(&store, largest)?;
    let mut service = S3ServiceBuilder::new(store);
    service.set_auth(SimpleAuth::from_single(KEY.0, KEY.1));
    let service = service.build();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async move {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        println!("http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let service = service.clone();
            tokio::spawn(async move {
                // A client that goes away is no fault of the endpoint's.
                let server = Builder::new(TokioExecutor::new());
                drop(server.serve_connection(TokioIo::new(socket), service).await);
            });
        }
    })
}
