//! Whose grant is exchanged.

use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_sdk_sts::config::{AppName, BehaviorVersion, Region};
use aws_sdk_sts::types::Tag;
use quilt_mcp::app::App;
use quilt_mcp::client::{CallerCredentials, CredentialSource};
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::request::RequestId;
use quilt_mcp::error::{ErrorCode, ToolError};
use quilt_scope::BoxFuture;
use quilt_tests::detour::{changing, of_the_first_grant};
use quilt_tests::oracle::endpoint::REGION;
use quilt_tests::substrate::Key;

use super::{Fault, lock};
use crate::wiring::{Behind, Scene};

type Answer<'a> = BoxFuture<'a, Result<CallerCredentials, ToolError>>;

/// The first grant that is seen under a key is the one for it.
pub(super) struct Cached(pub(super) fn(&Principal) -> String);

impl Fault for Cached {
    fn app(&self, sound: App, _: &Scene) -> App {
        App { credentials: of_the_first_grant(sound.credentials, self.0), ..sound }
    }
}

/// The grant of whoever began to exchange serves all who come before it is done.
#[derive(Default)]
pub(super) struct InFlight(Arc<Mutex<Option<Grant>>>);

struct InFlightSource {
    sound: Box<dyn CredentialSource>,
    grant: Arc<Mutex<Option<Grant>>>,
}

impl Fault for InFlight {
    fn app(&self, sound: App, _: &Scene) -> App {
        let source = InFlightSource { sound: sound.credentials, grant: Arc::clone(&self.0) };
        App { credentials: Box::new(source), ..sound }
    }
}

impl CredentialSource for InFlightSource {
    fn credentials<'a>(&'a self, who: &'a Principal, grant: &'a Grant, request: RequestId) -> Answer<'a> {
        Box::pin(async move {
            let used = lock(&self.grant).get_or_insert_with(|| grant.clone()).clone();
            let got = self.sound.credentials(who, &used, request).await;
            lock(&self.grant).take();
            got
        })
    }
}

fn as_server(key: &Key, who: &Principal, request: RequestId) -> CallerCredentials {
    CallerCredentials::obtained(server_key(key), who, request)
}

fn server_key(key: &Key) -> Credentials {
    Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "oracle")
}

/// What the process finds stands in for what a caller does not get.
pub(super) struct FallsBack;

struct FallsBackSource {
    sound: Box<dyn CredentialSource>,
    key: Key,
}

impl Fault for FallsBack {
    fn app(&self, sound: App, scene: &Scene) -> App {
        let source = FallsBackSource { sound: sound.credentials, key: scene.server_key.clone() };
        App { credentials: Box::new(source), ..sound }
    }
}

impl CredentialSource for FallsBackSource {
    fn credentials<'a>(&'a self, who: &'a Principal, grant: &'a Grant, request: RequestId) -> Answer<'a> {
        Box::pin(async move {
            let own = self.sound.credentials(who, grant, request).await;
            own.or_else(|_| Ok(as_server(&self.key, who, request)))
        })
    }
}

/// What is only looked up to help with typing seems to need nobody's rights.
pub(super) struct ServersOwn;

struct ServersOwnSource {
    sound: Box<dyn CredentialSource>,
    key: Key,
}

impl Fault for ServersOwn {
    fn app(&self, sound: App, scene: &Scene) -> App {
        let source = ServersOwnSource { sound: sound.credentials, key: scene.server_key.clone() };
        App { credentials: Box::new(source), ..sound }
    }

    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        changing(sound, |call| {
            if call.tool == quilt_mcp::tools::COMPLETER {
                call.grant = Grant::Ambient;
            }
        })
    }
}

impl CredentialSource for ServersOwnSource {
    fn credentials<'a>(&'a self, who: &'a Principal, grant: &'a Grant, request: RequestId) -> Answer<'a> {
        match grant {
            Grant::Ambient => Box::pin(async move { Ok(as_server(&self.key, who, request)) }),
            grant => self.sound.credentials(who, grant, request),
        }
    }
}

/// The session is named once, when the server starts to work.
pub(super) struct NamedOnce;

struct NamedOnceSource {
    endpoint: String,
    key: Key,
    first: Mutex<Option<Principal>>,
}

impl Fault for NamedOnce {
    fn app(&self, sound: App, scene: &Scene) -> App {
        let (endpoint, key) = (scene.endpoint_url.clone(), scene.server_key.clone());
        App { credentials: Box::new(NamedOnceSource { endpoint, key, first: Mutex::default() }), ..sound }
    }
}

impl CredentialSource for NamedOnceSource {
    fn credentials<'a>(&'a self, who: &'a Principal, grant: &'a Grant, request: RequestId) -> Answer<'a> {
        Box::pin(async move {
            let named = lock(&self.first).get_or_insert_with(|| who.clone()).clone();
            let role = grant.role_arn().ok_or_else(|| ToolError::internal("every grant here is a role"))?;
            let name = format!("quilt-mcp-{request}");
            let config = aws_sdk_sts::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .endpoint_url(&self.endpoint)
                .region(Region::new(REGION))
                .app_name(AppName::new(name).map_err(ToolError::internal)?)
                .credentials_provider(server_key(&self.key));
            let trace = request.trace().to_string();
            let answer = aws_sdk_sts::Client::from_conf(config.build())
                .assume_role()
                .role_arn(role)
                .role_session_name(named.subject())
                .source_identity(named.subject())
                .tags(tag("tenant", named.tenant())?)
                .customize()
                .mutate_request(move |sent| drop(sent.headers_mut().insert("traceparent", trace.clone())))
                .send()
                .await
                .map_err(|error| ToolError::new(ErrorCode::CredentialsUnavailable, error.to_string()))?;
            let got =
                answer.credentials.ok_or_else(|| ToolError::internal("STS answered without credentials"))?;
            let (id, secret, token) = (got.access_key_id, got.secret_access_key, got.session_token);
            let got = Credentials::new(id, secret, Some(token), None, "exchanged");
            Ok(CallerCredentials::obtained(got, who, request))
        })
    }
}

fn tag(key: &str, value: &str) -> Result<Tag, ToolError> {
    Tag::builder().key(key).value(value).build().map_err(ToolError::internal)
}
