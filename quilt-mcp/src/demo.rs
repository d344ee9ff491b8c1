//! `quilt-mcp demo`: the server in multi-tenant mode, with everything it needs in the same process.
//!
//! An embedded S3, STS and IAM (`endpoint`) over a directory that is made for the run and removed after it, a small world of
//! two tenants (`world`), a scripted session that shows what they see of each other (`session`), and then a server to
//! connect to. The server is the real one: the demo gives it configuration and nothing else.

mod access;
mod buckets;
mod command;
mod endpoint;
mod guide;
mod iam;
mod keys;
mod mcp;
mod session;
mod signature;
mod sts;
mod wire;
mod world;

use std::fmt;
use std::future::pending;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;

use futures_util::future::{BoxFuture, Either, select};
use secrecy::SecretString;
use uuid::Uuid;

use self::endpoint::Endpoint;
use self::guide::{Credential, Places};
use self::session::Tokens;
use self::world::{PEOPLE, TokenMint};

pub use self::command::command;

/// What the caller of the demo chooses.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// Where the MCP server listens. Loopback only, since the tokens are printed.
    pub listen: SocketAddr,
    /// What to do when the scripted session is over.
    pub afterwards: Afterwards,
}

/// What the demo does after its scripted session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// Serve until SIGINT or SIGTERM.
    KeepServing,
    /// Stop at once, as a test does.
    Stop,
}

/// Configuration for the one MCP server of the demo: multi-tenant, over HTTP.
///
/// Its `Debug` shows no secret.
#[derive(Debug)]
pub struct DemoServer {
    /// All AWS calls go here (`AWS_ENDPOINT_URL`), with path-style S3 addresses.
    pub endpoint_url: String,
    /// `AWS_REGION`.
    pub region: String,
    /// The server's own AWS identity: it may assume the demo's roles, and nothing else.
    pub server_access_key: String,
    /// Belongs to `server_access_key`.
    pub server_secret_key: SecretString,
    /// `QUILT_MCP_JWT_SECRET`.
    pub jwt_secret: SecretString,
    /// `QUILT_MCP_JWT_ISSUER`.
    pub jwt_issuer: String,
    /// `QUILT_MCP_JWT_AUDIENCE`.
    pub jwt_audience: String,
    /// `QUILT_MCP_ALLOWED_ROLES`, in that form: `tenant=arn-pattern` pairs separated by commas.
    pub allowed_roles: String,
    /// `QUILT_MCP_DATA_DIR`. It exists, is empty, and goes away with the demo.
    pub data_dir: PathBuf,
    /// Where to listen; port 0 is possible.
    pub listen: SocketAddr,
}

/// A server that has been started and accepts connections.
pub struct RunningServer {
    /// The MCP endpoint with the actual port, for example `http://127.0.0.1:8000/mcp`.
    pub url: String,
    /// Where its metrics and health answers are, without a path: `http://127.0.0.1:41234`.
    pub admin_url: String,
    /// Stops the server when awaited: no new connections, running calls finished. Dropping it must not stop the server.
    pub stop: BoxFuture<'static, io::Result<()>>,
}

/// Why the demo ended otherwise than asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum DemoError {
    /// Something could not be started, reached or written.
    Failed {
        /// What was being done, as a clause after "while".
        doing: &'static str,
        /// What went wrong.
        source: io::Error,
    },
    /// The scripted session showed something that must not be. The transcript names each step.
    Unexpected {
        /// How many steps did not hold.
        steps: usize,
    },
    /// [`DemoOptions::listen`] is not a loopback address.
    NotLoopback(SocketAddr),
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { doing, source } => write!(f, "the demo failed while {doing}: {source}"),
            Self::Unexpected { steps } => {
                write!(f, "{steps} step(s) of the demo's session went otherwise than they must")
            }
            Self::NotLoopback(address) => {
                write!(f, "the demo prints its tokens, so it listens on loopback only: not on {address}")
            }
        }
    }
}

impl std::error::Error for DemoError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed { source, .. } => Some(source),
            Self::Unexpected { .. } | Self::NotLoopback(_) => None,
        }
    }
}

/// Runs the demo: starts the endpoint, has `start` start the server against it, plays the scripted session into `out`,
/// says how to connect, and serves until told to stop. Everything it wrote to disk is removed at the end.
///
/// # Errors
/// [`DemoError::NotLoopback`] before anything is started; [`DemoError::Unexpected`] if the session shows one person what
/// is another's, or does not show what is theirs; [`DemoError::Failed`] otherwise.
pub async fn run(
    options: DemoOptions,
    out: &mut impl Write,
    start: impl AsyncFnOnce(DemoServer) -> io::Result<RunningServer>,
) -> Result<(), DemoError> {
    if !options.listen.ip().is_loopback() {
        return Err(DemoError::NotLoopback(options.listen));
    }
    let directory = Directory::create().map_err(failed("making its directory"))?;
    let endpoint = Endpoint::start(&directory.buckets()).await.map_err(failed("starting the embedded S3"))?;
    let mint = TokenMint::new();
    let configuration = configure(options.listen, &endpoint, &mint, &directory);
    let server = start(configuration).await.map_err(failed("starting the MCP server"))?;

    let told = pin!(told_to_stop());
    let places = Places {
        mcp: &server.url,
        admin: &server.admin_url,
        s3: &endpoint.url(),
        files: &directory.buckets(),
    };
    let shown = serve_visibly(places, &mint, out, options.afterwards);
    let shown = match select(pin!(shown), told).await {
        Either::Left((shown, _)) => shown,
        Either::Right((told, _)) => told.map_err(failed("waiting for a signal")),
    };
    let stopped = server.stop.await.map_err(failed("stopping the MCP server"));
    let endpoint_stopped = endpoint.stop().await.map_err(failed("stopping the embedded S3"));
    shown.and(stopped).and(endpoint_stopped)
}

fn configure(listen: SocketAddr, endpoint: &Endpoint, mint: &TokenMint, directory: &Directory) -> DemoServer {
    let key = endpoint.keys().issue_server_key();
    DemoServer {
        endpoint_url: endpoint.url(),
        region: world::REGION.to_owned(),
        server_access_key: key.access_key,
        server_secret_key: key.secret,
        jwt_secret: mint.secret().clone(),
        jwt_issuer: world::ISSUER.to_owned(),
        jwt_audience: world::AUDIENCE.to_owned(),
        allowed_roles: world::ALLOWED_ROLES.to_owned(),
        data_dir: directory.server_data(),
        listen,
    }
}

/// Shows everything, and then returns or stays as asked.
async fn serve_visibly(
    places: Places<'_>,
    mint: &TokenMint,
    out: &mut impl Write,
    afterwards: Afterwards,
) -> Result<(), DemoError> {
    show(places, mint, out).await?;
    if afterwards == Afterwards::KeepServing {
        writeln!(out, "Serving. Ctrl-C ends the demo and removes its data.")
            .and_then(|()| out.flush())
            .map_err(failed("writing"))?;
        pending::<()>().await;
    }
    Ok(())
}

async fn show(places: Places<'_>, mint: &TokenMint, out: &mut impl Write) -> Result<(), DemoError> {
    let [alice, carol, bob] = [&PEOPLE[0], &PEOPLE[1], &PEOPLE[2]].map(|person| {
        let token = mint.token_for(person).map_err(io::Error::other).map_err(failed("signing tokens"))?;
        Ok::<_, DemoError>(Credential { person, token })
    });
    let credentials = [alice?, carol?, bob?];
    let [alice, carol, bob] = credentials.each_ref().map(|credential| credential.token.as_str());

    guide::introduce(out, places).map_err(failed("writing"))?;
    writeln!(out, "\nA session, through the MCP endpoint\n").map_err(failed("writing"))?;
    let steps = session::play(places.mcp, &Tokens { alice, carol, bob }, out)
        .await
        .map_err(failed("playing the session"))?;
    if steps > 0 {
        return Err(DemoError::Unexpected { steps });
    }
    guide::explain_connecting(out, places.mcp, &credentials)
        .and_then(|()| out.flush())
        .map_err(failed("writing"))
}

fn failed(doing: &'static str) -> impl FnOnce(io::Error) -> DemoError {
    move |source| DemoError::Failed { doing, source }
}

/// Returns at SIGINT or SIGTERM, whichever comes first.
async fn told_to_stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// A directory of the run's own, which nobody else can read and which is removed when the run ends.
struct Directory(PathBuf);

impl Directory {
    fn create() -> io::Result<Self> {
        let directory =
            Self(std::env::temp_dir().join(format!("quilt-mcp-demo-{}", Uuid::new_v4().simple())));
        make_private(&directory.0)?;
        make_private(&directory.buckets())?;
        make_private(&directory.server_data())?;
        Ok(directory)
    }

    fn buckets(&self) -> PathBuf {
        self.0.join("s3")
    }

    fn server_data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // There is nobody left to tell, and the system clears its temporary directory anyway.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stand-in that answers every tool call with "access denied".
    async fn start_refusing(configuration: DemoServer) -> io::Result<RunningServer> {
        use serde_json::{Value, json};

        assert!(configuration.data_dir.is_dir());
        let listener = tokio::net::TcpListener::bind(configuration.listen).await?;
        let url = format!("http://{}/mcp", listener.local_addr()?);
        let answer = async |axum::Json(message): axum::Json<Value>| {
            let refusal = json!({ "error": { "code": "access_denied", "message": "no" } }).to_string();
            let result = json!({ "isError": true, "content": [{ "type": "text", "text": refusal }] });
            axum::Json(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }))
        };
        let router = axum::Router::new().route("/mcp", axum::routing::post(answer));
        let serving = tokio::spawn(axum::serve(listener, router).into_future());
        let stop = Box::pin(async move {
            serving.abort();
            Ok(())
        });
        Ok(RunningServer { url, admin_url: "http://127.0.0.1:1".to_owned(), stop })
    }

    fn options(listen: &str) -> DemoOptions {
        DemoOptions { listen: listen.parse().expect("an address"), afterwards: Afterwards::Stop }
    }

    #[tokio::test]
    async fn a_session_that_goes_wrong_fails_the_demo_and_leaves_nothing_behind() {
        let mut out = Vec::new();
        let mut data_dir = PathBuf::new();
        let result = run(options("127.0.0.1:0"), &mut out, async |configuration| {
            data_dir.clone_from(&configuration.data_dir);
            start_refusing(configuration).await
        })
        .await;
        let out = String::from_utf8(out).expect("text");
        assert!(matches!(result, Err(DemoError::Unexpected { steps }) if steps > 0), "{out}");
        assert!(out.contains("FAIL  alice  bucket_list"), "{out}");
        assert!(!out.contains("Bearer"), "a failed demo invites nobody:\n{out}");
        assert!(!data_dir.exists() && data_dir.parent().is_some_and(|parent| !parent.exists()));
    }

    #[tokio::test]
    async fn it_never_listens_where_others_could_connect() {
        let mut out = Vec::new();
        let result =
            run(options("0.0.0.0:0"), &mut out, async |_| Err(io::Error::other("must not be started"))).await;
        assert!(matches!(result, Err(DemoError::NotLoopback(_))));
    }

    #[test]
    fn the_configuration_shows_no_secret() {
        let secret = "hunter2";
        let configuration = DemoServer {
            endpoint_url: String::new(),
            region: String::new(),
            server_access_key: String::new(),
            server_secret_key: secret.to_owned().into(),
            jwt_secret: secret.to_owned().into(),
            jwt_issuer: String::new(),
            jwt_audience: String::new(),
            allowed_roles: String::new(),
            data_dir: PathBuf::new(),
            listen: crate::config::DEFAULT_LISTEN,
        };
        assert!(!format!("{configuration:?}").contains(secret));
    }
}
