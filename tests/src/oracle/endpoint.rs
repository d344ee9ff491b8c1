//! S3, STS and IAM in this process, over sockets: verifies each signature, grants to each role what is its own, and has
//! the judge look at every request.

mod keys;
mod s3;
mod signature;
mod sts;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::ListenerExt as _;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use tokio::net::TcpListener;

use self::keys::KeyRing;
use self::signature::Signed;
use super::judge::Judge;
use super::population::Population;
use super::trace::Asked;
use crate::Result;
use crate::substrate::Key;

pub use self::keys::Issued;

/// Where everything is.
pub const REGION: &str = "us-east-1";
/// The longest request that is read, in bytes.
const LONGEST: usize = 4 << 20;

/// A running endpoint. It ends with its runtime.
pub struct Endpoint {
    /// For `AWS_ENDPOINT_URL`.
    pub url: String,
    /// The server's own key: it may assume roles, and nothing else.
    pub server_key: Key,
}

struct Desk {
    population: Arc<Population>,
    judge: Arc<Judge>,
    keys: KeyRing,
}

impl Endpoint {
    /// On a free port of loopback.
    ///
    /// # Errors
    /// If there is none.
    pub async fn start(population: Arc<Population>, judge: Arc<Judge>) -> Result<Self> {
        let desk = Arc::new(Desk { population, judge, keys: KeyRing::new() });
        let server_key = Key {
            access_key_id: desk.keys.server.clone(),
            secret_access_key: desk.keys.secret(&desk.keys.server),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = axum::Router::new().fallback(answer).with_state(desk);
        // Without it every small answer waits 40 ms for an acknowledgement that the client delays.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, server_key })
    }
}

async fn answer(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // Who goes away in the middle has asked nothing.
    let Ok(body) = axum::body::to_bytes(body, LONGEST).await else { return denied() };
    desk.answer(&parts, &body)
}

impl Desk {
    fn answer(&self, parts: &Parts, body: &Bytes) -> Response {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let what = || format!("{} {}", parts.method, parts.uri);
        let asked = text("traceparent").and_then(|header| Asked::in_header(self.population.run, header));
        let Some(asked) = asked else {
            self.judge.finds(|| format!("{} reached AWS in the name of nobody who asked", what()));
            return denied();
        };
        self.judge.counts_record();
        for shown in [parts.uri.to_string().as_bytes(), body]
            .into_iter()
            .chain(parts.headers.values().map(HeaderValue::as_bytes))
        {
            self.judge.shows_no_token(asked, shown, &what);
        }
        if asked.refused {
            self.judge.finds(|| format!("{} reached AWS for {asked:?}, who must be refused", what()));
        }
        match text("user-agent").and_then(request_id) {
            Some(id) => self.judge.binds(id, asked.number),
            None => self.judge.finds(|| format!("{} names no request: {:?}", what(), text("user-agent"))),
        }
        let signed = Signed::read(parts);
        let Some(signed) =
            signed.filter(|signed| signed.fits(parts, body, &self.keys.secret(signed.access_key)))
        else {
            self.judge.finds(|| format!("{} is not signed with a key of this endpoint's", what()));
            return denied();
        };
        if signed.access_key == self.keys.server {
            return self.to_server(parts, body, asked);
        }
        let token = text("x-amz-security-token");
        let issued = Issued::read(signed.access_key)
            .filter(|_| token == Some(self.keys.token(signed.access_key).as_str()));
        let Some(issued) = issued else {
            self.judge.finds(|| format!("{} lacks its session token", what()));
            return denied();
        };
        self.judge.acts(issued, asked, &what);
        match signed.service() {
            "sts" => s3::xml(StatusCode::OK, &sts::caller_identity(&self.population, issued)),
            "iam" => s3::xml(StatusCode::OK, &sts::simulate(&self.population, issued, &sts::read_form(body))),
            _ => {
                self.judge.writes(issued.person, body);
                s3::answer(&self.population, issued, parts)
            }
        }
    }

    /// The server may exchange, for who asks, and do nothing else.
    fn to_server(&self, parts: &Parts, body: &[u8], asked: Asked) -> Response {
        let form = sts::read_form(body);
        if form.get("Action").map(String::as_str) != Some("AssumeRole") {
            let what = format!("{} {}", parts.method, parts.uri);
            self.judge.finds(|| format!("{what} was signed with the server's own key, for {asked:?}"));
            // A server with all rights would succeed: so does this one, as whoever asked.
            let as_asker = Issued { person: asked.person, hat: 0, number: asked.number };
            return s3::answer(&self.population, as_asker, parts);
        }
        let (role, status, xml) = sts::assume_role(&self.population, &self.keys, &form, asked.number);
        self.judge.exchanges(asked, role, &form);
        s3::xml(status, &xml)
    }
}

fn denied() -> Response {
    s3::xml(StatusCode::FORBIDDEN, &sts::error("AccessDenied", "not with this request"))
}

/// The request that the server says it acts for.
fn request_id(user_agent: &str) -> Option<u128> {
    let id = user_agent.split("app/quilt-mcp-").nth(1)?.get(..32)?;
    u128::from_str_radix(id, 16).ok()
}
