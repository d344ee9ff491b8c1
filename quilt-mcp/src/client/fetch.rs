//! Documents of other systems over HTTPS: keys of issuers, and what a Quilt registry or catalog answers.
//!
//! Every answer is bounded in size and time. A redirect is an answer like any other and is not followed, so that what
//! is sent, a token perhaps, reaches the configured host and no other. Proxies of the environment are not used.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderName, LOCATION, RETRY_AFTER,
    SET_COOKIE, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use quilt_scope::BoxFuture;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use zeroize::Zeroizing;

use crate::domain::grant::CallerToken;
use crate::domain::request::RequestId;

/// What is reserved for an answer at once, in bytes. Growing leaves unwiped copies behind, so answers that hold credentials
/// are bounded by it.
pub(super) const RESERVED: usize = 16 * 1024;

/// What is wanted, and within what bounds.
#[derive(Debug)]
pub struct Get<'a> {
    /// `https`, or `http` on this machine. From the configuration.
    pub url: &'a str,
    /// Whose token is shown.
    pub bearer: Option<&'a CallerToken>,
    /// What the other side gave to be shown again, as `name=value`.
    pub cookie: Option<&'a str>,
    /// The request it is for, which the other side then finds in the user agent.
    pub request: Option<RequestId>,
    /// The longest body, in bytes.
    pub most_bytes: usize,
    /// From the first byte sent to the last byte received.
    pub within: Duration,
}

/// An answer, whatever its status.
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The body. Wiped on drop, as it may be a secret.
    pub body: Zeroizing<Vec<u8>>,
    /// For how long the sender says that it is good.
    pub max_age: Option<Duration>,
    /// How long the sender asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Where the sender points. Nobody goes there. It may be signed, and so a secret.
    pub location: Option<Zeroizing<String>>,
    /// What the sender gives to be shown again, as `name=value`.
    pub cookie: Option<Zeroizing<String>>,
}

#[cfg(test)]
impl Fetched {
    /// With nothing but these two.
    pub(crate) fn answering(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = Zeroizing::new(body.into());
        Self { status, body, max_age: None, retry_after: None, location: None, cookie: None }
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched").field("status", &self.status).field("bytes", &self.body.len()).finish()
    }
}

/// Why there is no answer. `Display` is for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    lack: Lack,
    why: String,
}

/// In what way an answer is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nothing came back, or not all of it.
    Unreachable,
    /// It took too long.
    Late,
    /// It was larger than wanted.
    TooLarge,
    /// The question could not be put.
    Unasked,
}

impl FetchError {
    /// Nothing came back. `why` must not hold a secret.
    pub fn new(why: impl fmt::Display) -> Self {
        Self::lacking(Lack::Unreachable, why)
    }

    fn lacking(lack: Lack, why: impl fmt::Display) -> Self {
        Self { lack, why: why.to_string() }
    }

    /// In what way.
    pub fn lack(&self) -> Lack {
        self.lack
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for FetchError {}

/// Gets a document.
pub trait Fetch: Send + Sync {
    /// One request, one answer.
    ///
    /// # Errors
    ///
    /// There is no whole answer within the bounds.
    fn get<'a>(&'a self, get: Get<'a>) -> BoxFuture<'a, Result<Fetched, FetchError>>;

    /// As [`get`](Self::get), with JSON to be judged by the other side.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    fn post<'a>(&'a self, to: Get<'a>, json: Bytes) -> BoxFuture<'a, Result<Fetched, FetchError>>;
}

type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Over the network.
#[derive(Default)]
pub struct HttpFetcher {
    /// Made at first use: a server that fetches nothing reads no certificates.
    client: OnceLock<Result<HttpClient, FetchError>>,
}

impl HttpFetcher {
    /// With the certificates that this machine trusts.
    pub fn new() -> Self {
        Self::default()
    }

    fn client(&self) -> Result<&HttpClient, FetchError> {
        self.client.get_or_init(connect_with_the_roots_of_this_machine).as_ref().map_err(Clone::clone)
    }

    async fn within(&self, get: &Get<'_>, json: Option<Bytes>) -> Result<Fetched, FetchError> {
        tokio::time::timeout(get.within, self.answer(get, json)).await.unwrap_or_else(|_| {
            Err(FetchError::lacking(Lack::Late, format_args!("no whole answer within {:?}", get.within)))
        })
    }

    async fn answer(&self, get: &Get<'_>, json: Option<Bytes>) -> Result<Fetched, FetchError> {
        let response = self.client()?.request(request(get, json)?).await.map_err(|error| {
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            FetchError::new(format_args!("{error}{cause}"))
        })?;
        let (parts, body) = response.into_parts();
        let (max_age, retry_after) = (max_age(&parts.headers), retry_after(&parts.headers));
        let mut body = Limited::new(body, get.most_bytes);
        let mut whole = Zeroizing::new(Vec::with_capacity(get.most_bytes.min(RESERVED)));
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
                Some(_) => FetchError::lacking(
                    Lack::TooLarge,
                    format_args!("the body broke off: more than {} bytes", get.most_bytes),
                ),
                None => FetchError::new(format_args!("the body broke off: {error}")),
            })?;
            if let Some(data) = frame.data_ref() {
                whole.extend_from_slice(data);
            }
        }
        Ok(Fetched {
            status: parts.status.as_u16(),
            body: whole,
            max_age,
            retry_after,
            location: text(&parts.headers, LOCATION).map(|text| text.to_owned().into()),
            cookie: text(&parts.headers, SET_COOKIE).and_then(cookie),
        })
    }
}

impl Fetch for HttpFetcher {
    fn get<'a>(&'a self, get: Get<'a>) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(async move { self.within(&get, None).await })
    }

    fn post<'a>(&'a self, to: Get<'a>, json: Bytes) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(async move { self.within(&to, Some(json)).await })
    }
}

impl fmt::Debug for HttpFetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpFetcher")
    }
}

fn connect_with_the_roots_of_this_machine() -> Result<HttpClient, FetchError> {
    Ok(Client::builder(TokioExecutor::new()).build(trusting_the_roots_of_this_machine()?))
}

pub(super) fn trusting_the_roots_of_this_machine() -> Result<HttpsConnector<HttpConnector>, FetchError> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| {
            FetchError::lacking(Lack::Unasked, format_args!("this machine trusts no certificates: {error}"))
        })?
        // Where plain `http` may pass is for the configuration to say.
        .https_or_http()
        .enable_http1()
        .build();
    Ok(connector)
}

fn request(get: &Get<'_>, json: Option<Bytes>) -> Result<Request<Full<Bytes>>, FetchError> {
    let unasked = |why| FetchError::lacking(Lack::Unasked, why);
    let url: Uri = get.url.parse().map_err(|_| unasked("not a URL that can be asked"))?;
    let mut request = Request::new(Full::default());
    *request.uri_mut() = url;
    if let Some(json) = json {
        *request.method_mut() = Method::POST;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Full::new(json);
    }
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, agent(get.request));
    if let Some(token) = get.bearer {
        let value = Zeroizing::new(format!("Bearer {}", token.expose()));
        let mut value = HeaderValue::from_str(&value).map_err(|_| unasked("the token is no header value"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    if let Some(cookie) = get.cookie {
        let mut value =
            HeaderValue::from_str(cookie).map_err(|_| unasked("the cookie is no header value"))?;
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
    }
    Ok(request)
}

fn agent(request: Option<RequestId>) -> HeaderValue {
    const PRODUCT: &str = concat!("quilt-mcp/", env!("CARGO_PKG_VERSION"));
    let named =
        request.and_then(|request| HeaderValue::try_from(format!("{PRODUCT} request/{request}")).ok());
    named.unwrap_or_else(|| HeaderValue::from_static(PRODUCT))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Without what is for browsers: where and how long it counts. It counts here for one request.
fn cookie(set: &str) -> Option<Zeroizing<String>> {
    let pair = set.split(';').next()?.trim();
    pair.contains('=').then(|| pair.to_owned().into())
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .find_map(|directive| directive.trim().strip_prefix("max-age=")?.parse().ok())
        .map(Duration::from_secs)
}

/// In seconds, or as the time when it is over.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match said.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let over = OffsetDateTime::parse(said, &Rfc2822).ok()?;
            // What is over already is no wait.
            Some(Duration::try_from(over - OffsetDateTime::now_utc()).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers one request with this, whatever it was, and gives what it was.
    async fn answering(answer: String) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/jwks", listener.local_addr().expect("an address"));
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).await.expect("a request");
            // The client may have hung up on an answer that is too long.
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.flush().await;
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        (url, served)
    }

    fn get<'a>(url: &'a str, bearer: Option<&'a CallerToken>) -> Get<'a> {
        Get { url, bearer, cookie: None, request: None, most_bytes: 100, within: Duration::from_secs(30) }
    }

    fn http(head: &str, body: &str) -> String {
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn an_answer_has_its_status_its_body_and_its_age() {
        let (url, served) = answering(http("200 OK\r\ncache-control: public, max-age=90", "{}")).await;
        let fetched = HttpFetcher::new().get(get(&url, None)).await.expect("an answer");
        assert_eq!((fetched.status, fetched.body.as_slice()), (200, b"{}".as_slice()));
        assert_eq!(fetched.max_age, Some(Duration::from_secs(90)));
        assert!(!served.await.expect("served").to_lowercase().contains("authorization"));
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_a_time() {
        let asked = |text: &'static str| {
            retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]))
        };
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert!(asked("Tue, 31 Dec 2999 23:59:59 GMT") > Some(Duration::from_secs(1_000_000)));
        for nothing in ["", "-1", "soon", "1.5"] {
            assert_eq!(asked(nothing), None, "{nothing}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let (url, served) = answering(http("302 Found\r\nlocation: http://127.0.0.1:1/", "")).await;
        let token = CallerToken::new("a.b.c");
        let fetched = HttpFetcher::new().get(get(&url, Some(&token))).await.expect("an answer");
        assert_eq!(fetched.status, 302);
        assert!(served.await.expect("served").contains("Bearer a.b.c"));
    }

    #[tokio::test]
    async fn too_much_and_too_slow_are_refused() {
        let (long, _served) = answering(http("200 OK", &"x".repeat(101))).await;
        let error = HttpFetcher::new().get(get(&long, None)).await.expect_err("too long");
        assert!(error.to_string().contains("broke off"), "{error}");
        let (silent, served) = answering(String::new()).await;
        let impatient = Get { within: Duration::from_millis(50), ..get(&silent, None) };
        let error = HttpFetcher::new().get(impatient).await.expect_err("silent");
        assert!(error.to_string().contains("no whole answer"), "{error}");
        served.abort();
    }
}
