//! A panic in the middle of a call: the server of the library with services that panic for one person, over real HTTP.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use aws_credential_types::Credentials;
use quilt_mcp::app::App;
use quilt_mcp::client::sts::AssumeRoleSource;
use quilt_mcp::client::{AwsEndpoints, CallerCredentials, CredentialSource};
use quilt_mcp::config::{Config, Flags};
use quilt_mcp::domain::bucket::BucketName;
use quilt_mcp::domain::permission::BucketRights;
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::request::RequestId;
use quilt_mcp::error::ToolError;
use quilt_mcp::server::{self, Listeners};
use quilt_mcp::service::auth::AuthService;
use quilt_mcp::service::permission::RightsProbe;
use quilt_mcp::transport::drain::Drained;
use quilt_scope::BoxFuture;
use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::metrics::Metrics;
use quilt_tests::server::Plan;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::stage::{CLOSED, LIVE, OPENED, looked_at_until};

const PANICS: u32 = 4;
const WORDS: &str = "panicking, as told to";

/// A probe that panics at one bucket.
struct PanicsAt {
    bucket: String,
    otherwise: Box<dyn RightsProbe>,
}

impl RightsProbe for PanicsAt {
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, std::result::Result<BucketRights, ToolError>> {
        assert!(bucket.as_str() != self.bucket, "{WORDS}");
        self.otherwise.rights(auth, bucket)
    }
}

/// An exchange that panics for one person, after it has been polled once.
struct PanicsFor {
    subject: String,
    otherwise: Box<dyn CredentialSource>,
}

impl CredentialSource for PanicsFor {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, std::result::Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            assert!(principal.subject() != self.subject, "{WORDS}");
            self.otherwise.credentials(principal, grant, request).await
        })
    }
}

/// An exchange that never ends for one person, and panics when it is given up.
struct PanicsWhenDropped {
    subject: String,
    begun: Arc<Semaphore>,
    otherwise: Box<dyn CredentialSource>,
}

struct PanickingDrop;

impl Drop for PanickingDrop {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "{WORDS}");
    }
}

impl CredentialSource for PanicsWhenDropped {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, std::result::Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            if principal.subject() == self.subject {
                let _panics = PanickingDrop;
                self.begun.add_permits(1);
                std::future::pending::<()>().await;
            }
            self.otherwise.credentials(principal, grant, request).await
        })
    }
}

/// The server, in this process.
struct InProcess {
    url: String,
    admin: SocketAddr,
    shutdown: CancellationToken,
    serving: JoinHandle<std::result::Result<Drained, server::ServerError>>,
}

impl InProcess {
    /// All parts as `quilt-mcp serve` has them, but what `change` changes.
    async fn start(world: &World, change: impl FnOnce(App) -> App) -> Result<Self> {
        let plan = Plan::multi_tenant(world)?;
        let environment = plan.environment().iter().map(|(name, value)| (name.into(), value.into()));
        let config = Config::load(Flags::default(), environment)?;
        let aws = AwsEndpoints::at(world.substrate.endpoint(), world.substrate.region());
        let key = &world.server_key;
        let own = Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "tests");
        let credentials = AssumeRoleSource::from_provider(&aws, own);
        let app = change(server::app_over(&config, aws, Box::new(credentials))?);
        let listeners = Listeners::open(&config)?;
        let mcp = listeners.mcp_address().ok_or("over HTTP there is an address")?;
        let admin = listeners.admin_address().ok_or("the plan asks for one")?;
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let serving = tokio::spawn(async move {
            // Its data directory is there as long as it runs.
            let _plan = plan;
            server::serve_on(config, app, listeners, stop).await
        });
        Ok(Self { url: format!("http://{mcp}/mcp"), admin, shutdown, serving })
    }

    async fn client(&self, world: &World, name: &str) -> Result<Client> {
        Ok(Client::connect(&self.url, &world.token(world.person(name)), Era::Stateless).await?)
    }

    /// What `/metrics` says once it is as wanted.
    async fn metrics_when(&self, wanted: impl Fn(&Metrics) -> bool) -> Result<Metrics> {
        let look = async || {
            let text = reqwest::get(format!("http://{}/metrics", self.admin)).await?.text().await?;
            Ok(Metrics::parse(&text))
        };
        looked_at_until(look, wanted).await
    }

    async fn stop(self) -> Result<Drained> {
        self.shutdown.cancel();
        Ok(self.serving.await??)
    }
}

/// Ada's calls panic while one of ben's is under way. Hers are answered with an error, his is not touched, and every scope
/// is closed.
async fn panics_stay_with_their_call<F: Future<Output = Result<()>>>(
    change: impl FnOnce(App, &World) -> App,
    panicking: impl Fn(Client, String) -> F,
) -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let server = InProcess::start(&world, |app| change(app, &world)).await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));

    let hold = world.substrate.inject(Rule::on("s3:GetObject").in_bucket(&ben.bucket).holds()).await?;
    let (client, uri) = (server.client(&world, "ben").await?, ben.first_uri());
    let slow = tokio::spawn(async move { client.call("bucket_object_text", json!({"s3_uri": uri})).await });
    hold.held(1).await?;
    for _ in 0..PANICS {
        panicking(server.client(&world, "ada").await?, ada.bucket.clone()).await?;
    }
    // Only ben's call is under way. A scope counts as closed a moment before it counts as no longer live.
    server.metrics_when(|m| m.sum(OPENED) - m.sum(CLOSED) == 1.0 && m.sum(LIVE) == 1.0).await?;
    assert!(!slow.is_finished());
    hold.lift().await?;
    let answer = slow.await??;
    assert!(answer.everything().contains(&ben.canary), "{}", answer.everything());

    // What does not panic works for her as before.
    let own = server.client(&world, "ada").await?.call("workflow_list_all", json!({})).await?;
    assert!(!own.is_error, "{}", own.everything());
    let after = server.metrics_when(|m| m.sum(LIVE) == 0.0 && m.sum(OPENED) == m.sum(CLOSED)).await?;
    assert_eq!(after.sum(OPENED), f64::from(PANICS) + 2.0, "{after:#?}");
    assert_eq!(server.stop().await?, Drained::default());
    Ok(())
}

async fn is_answered_as_internal(client: Client, tool: &'static str, arguments: Value) -> Result<()> {
    let answer = client.call(tool, arguments).await?;
    assert_eq!(answer.error_code(), Some("internal"), "{}", answer.everything());
    assert!(!answer.everything().contains(WORDS), "a panic's words are not for callers");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_service_stays_with_its_call() -> Result<()> {
    panics_stay_with_their_call(
        |app, world| {
            let bucket = world.person("ada").bucket.clone();
            App { rights: Box::new(PanicsAt { bucket, otherwise: app.rights }), ..app }
        },
        |client, bucket| is_answered_as_internal(client, "check_bucket_access", json!({"bucket": bucket})),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_constructor_stays_with_its_call() -> Result<()> {
    panics_stay_with_their_call(
        |app, world| {
            let subject = world.person("ada").subject.clone();
            App { credentials: Box::new(PanicsFor { subject, otherwise: app.credentials }), ..app }
        },
        |client, bucket| is_answered_as_internal(client, "bucket_objects_list", json!({"bucket": bucket})),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_drop_stays_with_its_call() -> Result<()> {
    let begun = Arc::new(Semaphore::new(0));
    let told = Arc::clone(&begun);
    panics_stay_with_their_call(
        |app, world| {
            let subject = world.person("ada").subject.clone();
            let otherwise = app.credentials;
            App { credentials: Box::new(PanicsWhenDropped { subject, begun: told, otherwise }), ..app }
        },
        |client, bucket| {
            let begun = Arc::clone(&begun);
            async move {
                tokio::select! {
                    answer = client.call("bucket_objects_list", json!({"bucket": bucket})) => {
                        Err(format!("it never ends: {answer:?}").into())
                    }
                    // She goes away, and what was done for her is given up.
                    permit = begun.acquire() => {
                        permit?.forget();
                        Ok(())
                    }
                }
            }
        },
    )
    .await
}
