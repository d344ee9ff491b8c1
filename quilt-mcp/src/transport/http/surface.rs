//! The listener's whole surface, as one service. Layers of axum's would box each step of each request, and copy the way that
//! is left for it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::response::Response;
use http::{Method, StatusCode, header};
use tokio_util::sync::CancellationToken;
use tower::{Layer, ServiceExt as _, service_fn};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::answer::{Refusal, json_rpc_error};
use super::connections::HttpService;
use super::site::{Foreign, Site};
use super::{ENDPOINT, Gate, HttpOptions, SESSION_ID, name, resource};
use crate::transport::{Authenticate, Server};

/// `streams` ends what is open when it fires.
pub(in crate::transport) fn surface(
    server: &Server,
    site: Site,
    options: &HttpOptions,
    authenticate: Arc<dyn Authenticate>,
    streams: CancellationToken,
) -> impl HttpService {
    let gate = Arc::new(Gate::new(server, options, authenticate, streams));
    let others = resource::routes(options.resource.as_ref());
    let inside = service_fn(move |request: Request| {
        let (gate, others) = (Arc::clone(&gate), others.clone());
        async move {
            if request.uri().path() != ENDPOINT {
                return others.oneshot(request).await;
            }
            Ok(gate.pass(request).await.unwrap_or_else(|refusal| *refusal))
        }
    });
    let inside = cors(site.clone()).layer(inside);
    let site = Arc::new(site);
    service_fn(move |request: Request| {
        let (site, inside) = (Arc::clone(&site), inside.clone());
        let is_head = request.method() == Method::HEAD;
        let answer = async move |request| {
            let response = match site.check(&request) {
                Ok(()) => inside.oneshot(request).await?,
                Err(foreign) => *refused(foreign),
            };
            Ok(if is_head { without_body(response) } else { response })
        };
        name::give(request, answer)
    })
}

/// The answer to a HEAD says how long it would be. hyper leaves the rest out of HTTP/1, and not out of HTTP/2.
fn without_body(mut response: Response) -> Response {
    let body = std::mem::take(response.body_mut());
    if let Some(length) = body.size_hint().exact() {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length.into());
    }
    response
}

fn refused(foreign: Foreign) -> Refusal {
    tracing::warn!(?foreign, "refused a request that may come from a web page");
    let message = match foreign {
        Foreign::Host => "this host name is not allowed",
        Foreign::Origin => "this origin is not allowed",
    };
    json_rpc_error(StatusCode::FORBIDDEN, -32600, message)
}

fn cors(site: Site) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| site.allows_origin(origin)))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([SESSION_ID, header::WWW_AUTHENTICATE])
        .max_age(Duration::from_secs(600))
}
