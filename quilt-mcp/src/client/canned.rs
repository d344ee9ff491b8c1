//! For unit tests: an AWS that answers what the test says, and remembers what it was sent.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
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
        let sent = Sent {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            user_agent: header("x-amz-user-agent"),
            traceparent: header("traceparent"),
            target: header("x-amz-target"),
            authorization: header("authorization"),
            body: String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned(),
        };
        let (status, body) = (self.answer)(&sent);
        self.sent.lock().expect("no test panics while it holds this").push(sent);
        let status = status.try_into().expect("a test answers with a valid status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}
