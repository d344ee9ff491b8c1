//! For unit tests: an AWS that answers what the test says, and remembers what it was sent.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::{AwsEndpoints, CallerCredentials};
use crate::domain::principal::Principal;
use crate::domain::request::RequestId;

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) user_agent: String,
    pub(crate) traceparent: String,
    pub(crate) body: String,
    /// The operation, for services that have it in a header.
    pub(crate) target: String,
    /// The bytes that were asked for, if not all.
    pub(crate) range: Option<String>,
    pub(crate) if_match: Option<String>,
    authorization: String,
}

impl Sent {
    pub(crate) fn is_signed(&self) -> bool {
        !self.authorization.is_empty()
    }

    pub(crate) fn signed_by(&self, access_key_id: &str) -> bool {
        self.authorization.contains(&format!("Credential={access_key_id}/"))
    }
}

type Answer = dyn Fn(&Sent) -> (u16, String) + Send + Sync;

#[derive(Clone)]
pub(crate) struct Canned {
    answer: Arc<Answer>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Canned {
    /// Answers each request with a status and a body.
    pub(crate) fn answering(answer: impl Fn(&Sent) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), sent: Arc::default() }
    }

    pub(crate) fn requests(&self) -> Vec<Sent> {
        self.sent.lock().expect("no test panics while it holds this").clone()
    }

    /// What was sent since the last time, which is forgotten.
    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().expect("no test panics while it holds this"))
    }

    pub(crate) fn endpoints(&self) -> AwsEndpoints {
        let connector = SharedHttpConnector::new(self.clone());
        let http = http_client_fn(move |_, _| connector.clone());
        AwsEndpoints::with_http_client("http://aws.test", "us-east-1", http)
    }

    /// Credentials of `principal` with the access key id `AKIA` and the subject.
    pub(crate) fn credentials(principal: &Principal) -> CallerCredentials {
        let keys = Credentials::new(format!("AKIA{}", principal.subject()), "secret", None, None, "test");
        CallerCredentials::obtained(keys, principal, RequestId::new())
    }
}

impl fmt::Debug for Canned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canned")
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).unwrap_or_default().to_owned();
        let some = |name| request.headers().get(name).map(str::to_owned);
        let sent = Sent {
            range: some("range"),
            if_match: some("if-match"),
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            user_agent: header("x-amz-user-agent"),
            traceparent: header("traceparent"),
            target: header("x-amz-target"),
            authorization: header("authorization"),
            body: String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned(),
        };
        let (status, body) = (self.answer)(&sent);
        let range = sent.range.clone().filter(|_| status == 200);
        self.sent.lock().expect("no test panics while it holds this").push(sent);
        let answer = match range {
            Some(range) => part_of(&body, &range),
            None => whole(status, body),
        };
        HttpConnectorFuture::ready(Ok(answer))
    }
}

fn whole(status: u16, body: String) -> HttpResponse {
    let length = body.len().to_string();
    let mut answer = HttpResponse::new(valid(status), SdkBody::from(body));
    answer.headers_mut().insert("content-length", length);
    answer
}

/// Those bytes of an object that were asked for, as S3 answers.
fn part_of(body: &str, range: &str) -> HttpResponse {
    let (first, last) = range.trim_start_matches("bytes=").split_once('-').expect("from and to");
    let (first, last): (usize, usize) = (first.parse().expect("a number"), last.parse().expect("a number"));
    let end = body.len().min(last + 1);
    let mut answer = HttpResponse::new(valid(206), SdkBody::from(&body[first..end]));
    let told = format!("bytes {first}-{}/{}", end - 1, body.len());
    for (name, value) in [("content-range", told), ("content-length", (end - first).to_string())] {
        answer.headers_mut().insert(name, value);
    }
    answer.headers_mut().insert("etag", "\"canned\"");
    answer
}

fn valid(status: u16) -> StatusCode {
    status.try_into().expect("a test answers with a valid status")
}
