//! Streamable HTTP at `/mcp`, and nothing else on this listener.
//!
//! What a request passes, in this order: `Host` and `Origin` (`site`), the CORS preflight, its declared length, its
//! token, its sender's rate, its length, the token's scopes, the ownership of its session. Only then is it answered, without
//! the token: a plain request by `direct`, all else by rmcp. The one thing that needs no token is the metadata that says how to
//! obtain one (`resource`).

pub(super) mod accept;
mod answer;
mod body;
mod connections;
pub(super) mod direct;
pub(super) mod name;
mod rate;
mod resource;
mod scopes;
pub(super) mod site;
mod stream;
mod surface;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::answer::{Refusal, in_one_shape, json_rpc_error, no_such_session, too_many_requests, undecided};
use self::connections::{End, SETTLING};
use self::direct::PlainRequest;
use self::rate::RateLimits;
use self::resource::Challenges;
use self::site::Site;
use self::stream::{until_sent, until_token_ends};
pub(super) use self::surface::surface;
use super::drain::{Drained, TIDYING, drain};
use super::handler::{Caller, Handler};
use super::session::{Full, OwnedSessions, Owners, Whose};
use super::{Authenticate, Authenticated, OverLimit, Server};
use crate::domain::access::Access;
use crate::domain::principal::Principal;

pub use self::connections::ConnectionLimits;
pub use self::rate::Rates;
pub use self::resource::ProtectedResource;
pub use self::site::SiteError;
pub use super::session::SessionLimits;

/// How MCP is offered over HTTP. There are no defaults here: `config` has them.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// By which names clients may call the server, besides loopback and the address it is bound to: `name` or `name:port`.
    pub allowed_hosts: Vec<String>,
    /// From which web pages it may be called, besides those on loopback: `scheme://name`, `scheme://name:port` or
    /// `scheme://name:*`.
    pub allowed_origins: Vec<String>,
    /// The longest request, in bytes.
    pub max_body: usize,
    /// Sessions for clients older than 2026-07-28. Without, every request stands alone, which all clients can do.
    pub sessions: Option<SessionLimits>,
    /// How clients find out where to obtain a token. `None`: they have to know.
    pub resource: Option<ProtectedResource>,
    /// How many requests there may be over time.
    pub rates: Rates,
    /// What a client may take before it has shown a token.
    pub connections: ConnectionLimits,
}

/// Offers `server` on `listener` until `shutdown` fires and what runs has ended, or was stopped at the drain deadline.
///
/// # Errors
///
/// If the listener has no address, or the options name a host or an origin that is none. Nothing was served then.
pub async fn serve(
    server: &Server,
    listener: TcpListener,
    options: &HttpOptions,
    authenticate: Arc<dyn Authenticate>,
    shutdown: CancellationToken,
) -> io::Result<Drained> {
    let address = listener.local_addr()?;
    let streams = CancellationToken::new();
    let site = site(address.ip(), options)?;
    let surface = surface(server, site, options, authenticate, streams.clone());

    tracing::info!(%address, "listening");
    // Whoever sends requests here is given time to notice that the server is no longer ready.
    let grace = server.calls.limits().drain_grace;
    let end = End { near: shutdown.clone(), now: CancellationToken::new() };
    let stopping = async {
        shutdown.cancelled().await;
        tokio::time::sleep(grace).await;
        end.now.cancel();
        // What was sent before its sender could know is read by then, and counts as running.
        tokio::time::sleep(SETTLING).await;
    };
    let connections = connections::serve(listener, surface, options.connections, end.clone());
    let mut connections = std::pin::pin!(connections);
    tokio::select! {
        () = &mut connections => {
            return Ok(drain(server.calls.running(), server.calls.limits().drain_deadline).await);
        }
        () = stopping => {}
    }

    let draining = drain(server.calls.running(), server.calls.limits().drain_deadline);
    let mut draining = std::pin::pin!(draining);
    let drained = tokio::select! {
        biased;
        drained = &mut draining => drained,
        // All connections are closed, but calls whose callers went away may still be tidying up.
        () = &mut connections => return Ok(draining.await),
    };
    // What is still open is listened on, and nothing more will come. Idle connections close at once; an answer on its way
    // to a slow reader may take its time, and so may a request that its client never finishes.
    streams.cancel();
    let _ = tokio::time::timeout(TIDYING, &mut connections).await;
    Ok(drained)
}

/// What [`serve`] offers on its listener, for a program that takes requests in another way: as if bound to `address`.
/// `streams` ends what is open when it fires.
///
/// # Errors
///
/// If the options name a host or an origin that is none.
pub fn service(
    server: &Server,
    address: IpAddr,
    options: &HttpOptions,
    authenticate: Arc<dyn Authenticate>,
    streams: CancellationToken,
) -> io::Result<Router> {
    let surface = surface(server, site(address, options)?, options, authenticate, streams);
    Ok(Router::new().fallback_service(surface))
}

fn site(address: IpAddr, options: &HttpOptions) -> io::Result<Site> {
    Site::new(address, &options.allowed_hosts, &options.allowed_origins)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

type Mcp = StreamableHttpService<Handler, OwnedSessions>;

/// Where MCP is.
const ENDPOINT: &str = "/mcp";

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// rmcp's service, and who owns its sessions if it has any.
fn mcp(server: &Server, options: &HttpOptions, streams: CancellationToken) -> (Mcp, Option<Arc<Owners>>) {
    // Without sessions no limit is ever looked at.
    let limits = options.sessions.unwrap_or(SessionLimits::of_all(0, Duration::ZERO));
    let owners = Owners::new(limits);
    // rmcp takes a session with a silent call for an idle one.
    let idle = limits.idle.max(server.calls.limits().call_deadline + Duration::from_secs(60));
    let mut config = StreamableHttpServerConfig::default()
        // `Site` has checked both, before the token was looked at.
        .disable_allowed_hosts()
        .disable_allowed_origins();
    config.legacy_session_mode = options.sessions.is_some();
    config.json_response = true;
    config.max_request_body_bytes = options.max_body;
    config.cancellation_token = streams;
    let handler = Handler::new(server.clone(), Caller::OfEachRequest);
    let sessions = Arc::new(OwnedSessions::new(Arc::clone(&owners), idle));
    let service = StreamableHttpService::new(move || Ok(handler.clone()), sessions, config);
    (service, options.sessions.map(|_| owners))
}

/// What stands between the listener and MCP.
struct Gate {
    mcp: (Mcp, Option<Arc<Owners>>),
    authenticate: Arc<dyn Authenticate>,
    max_body: usize,
    challenges: Challenges,
    rates: RateLimits,
    server: Server,
}

/// A request as rmcp gets it, and what it came from.
struct Admitted {
    request: Request,
    body: Bytes,
    identity: Arc<Authenticated>,
}

impl Gate {
    fn new(
        server: &Server,
        options: &HttpOptions,
        authenticate: Arc<dyn Authenticate>,
        streams: CancellationToken,
    ) -> Self {
        Self {
            mcp: mcp(server, options, streams),
            authenticate,
            max_body: options.max_body,
            challenges: Challenges::new(options.resource.as_ref()),
            rates: RateLimits::new(options.rates),
            server: server.clone(),
        }
    }

    async fn pass(&self, request: Request) -> Result<Response, Refusal> {
        let answering = self.server.calls.running().hold();
        let Admitted { request, body, identity } = self.admit(request).await?;
        if let Some(plain) = PlainRequest::read(&request, &body, &self.server, self.mcp.1.is_some()) {
            return Ok(plain.answer(&self.server, &identity).await);
        }
        let (method, is_json) = (request.method().clone(), is_json(request.headers()));
        // Boxed, since it is large, and would be part of what a plain call allocates and wipes.
        let response = Box::pin(self.mcp.0.handle(request)).await.map(Body::new);
        let response = match (method, response.status()) {
            (_, StatusCode::UNSUPPORTED_MEDIA_TYPE) if is_json => *body::explain(&body),
            // Held by nobody: it ends when nothing runs any more.
            (Method::GET, StatusCode::OK) => return Ok(until_token_ends(response, &identity.grant)),
            // rmcp says 202, of which clients warn.
            (Method::DELETE, StatusCode::ACCEPTED) => StatusCode::NO_CONTENT.into_response(),
            _ => response,
        };
        Ok(until_sent(in_one_shape(response).await, answering))
    }

    async fn admit(&self, request: Request) -> Result<Admitted, Refusal> {
        body::check_declared_length(request.headers(), self.max_body)?;
        let identity = self.authenticate(request.headers()).await?;
        self.take_turn(&identity.principal).await?;
        let (mut parts, body) = request.into_parts();
        // Whatever comes after acts on the identity. The token must not get into a log, or be passed on.
        parts.headers.remove(header::AUTHORIZATION);
        let body = body::read(body, self.max_body).await?;
        self.check_scopes(&body, &identity)?;
        self.check_session(&parts, &body, &identity)?;
        accept::widen(&parts.method, &mut parts.headers);
        parts.extensions.insert(Arc::clone(&identity));
        Ok(Admitted { request: Request::from_parts(parts, Body::from(body.clone())), body, identity })
    }

    async fn authenticate(&self, headers: &HeaderMap) -> Result<Arc<Authenticated>, Refusal> {
        self.authenticate.authenticate(headers).await.map(Arc::new).map_err(|failure| {
            tracing::info!(%failure, "refused a request that is not authenticated");
            failure.retry_after.map_or_else(|| self.challenges.unauthenticated(), undecided)
        })
    }

    async fn take_turn(&self, principal: &Principal) -> Result<(), Refusal> {
        let Err(too_many) = self.rates.take(principal, Instant::now()) else { return Ok(()) };
        self.server.calls.refuse_for_limit(principal, too_many.limit, too_many.is_news);
        tokio::time::sleep(too_many.pause()).await;
        Err(too_many_requests(too_many.wait))
    }

    fn check_scopes(&self, body: &Bytes, identity: &Authenticated) -> Result<(), Refusal> {
        // Most tokens are good for everything, and then there is nothing to look for.
        if identity.access == Some(Access::Admin) {
            return Ok(());
        }
        let needed = scopes::needed(body, &self.server.catalogue);
        if identity.access >= Some(needed) {
            return Ok(());
        }
        self.server.calls.refuse_for_scope(&identity.principal, needed);
        Err(self.challenges.insufficient_scope(needed))
    }

    /// A session is its owner's, and there is room for a new one.
    fn check_session(&self, parts: &Parts, body: &Bytes, identity: &Authenticated) -> Result<(), Refusal> {
        // Without sessions the id means nothing to anyone, and rmcp does not look at it.
        let Some(owners) = &self.mcp.1 else { return Ok(()) };
        let mut named = parts.headers.get_all(SESSION_ID).iter();
        match (named.next(), named.next()) {
            (None, _) if parts.method == Method::POST && body::opens_a_session(body) => {
                owners.has_room(&identity.principal).map_err(|full| self.no_room(full, &identity.principal))
            }
            (None, _) => Ok(()),
            (Some(id), None) => {
                let whose = id.to_str().map_or(Whose::Nobodys, |id| owners.whose(&identity.principal, id));
                if whose == Whose::Own {
                    return Ok(());
                }
                self.server.calls.refuse_for_session(&identity.principal, whose == Whose::Foreign);
                Err(no_such_session())
            }
            (Some(_), Some(_)) => Err(no_such_session()),
        }
    }

    /// Each of them is in the log: sessions are opened rarely.
    fn no_room(&self, full: Full, principal: &Principal) -> Refusal {
        let (limit, status, message) = match full {
            Full::ForPrincipal => (
                OverLimit::PrincipalSessions,
                StatusCode::TOO_MANY_REQUESTS,
                "limit exceeded: you have too many sessions open, end one with DELETE",
            ),
            Full::ForAll => (
                OverLimit::AllSessions,
                StatusCode::SERVICE_UNAVAILABLE,
                "limit exceeded: the server has too many sessions open, try again later",
            ),
        };
        self.server.calls.refuse_for_limit(principal, limit, true);
        json_rpc_error(status, -32000, message)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type
        .split(';')
        .next()
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Limits;
    use super::super::fake::{Fake, Names, call, identity, post, server};
    use super::*;

    #[tokio::test]
    async fn what_gets_past_the_gate_has_an_identity_and_no_token() {
        let server = server(&Fake::new().0, Limits::default());
        let gate = Gate::new(&server, &HttpOptions::default(), Arc::new(Names), CancellationToken::new());
        let admitted = gate.admit(post("alice", &call("echo"))).await.expect("a good token");
        let head = admitted.request.into_parts().0;
        assert_eq!(head.headers.get(header::AUTHORIZATION), None);
        assert_eq!(head.extensions.get(), Some(&Arc::new(identity("alice"))));
        assert_eq!(admitted.body, json!(call("echo")).to_string());
    }
}
