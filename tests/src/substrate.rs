//! S3, STS, IAM and Athena on loopback, with rights enforced: `tests/substrate/strict_moto.py` as a process.

mod athena;
mod fault;
mod record;

use std::collections::BTreeMap;
use std::process::Child;
use std::sync::{Mutex, OnceLock, PoisonError};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use serde::Deserialize;

pub use fault::{Fault, Rule};
pub(crate) use record::request_ids;
pub use record::{Entry, Issued, Mark, Signed};

use crate::quilt3::Quilt3;
use crate::{Result, python};

/// A running endpoint. Tests share it: worlds have names of their own, and faults name what they hit.
///
/// It ends with this process: it waits for its standard input to close.
pub struct Substrate {
    ready: Ready,
    quilt3: OnceLock<Mutex<Quilt3>>,
    _process: Child,
}

/// A pair of keys for AWS.
#[derive(Clone, Debug, Deserialize)]
pub struct Key {
    /// What the record calls the caller.
    pub access_key_id: String,
    /// Only for this run of the substrate.
    pub secret_access_key: String,
}

/// What STS gives for a role.
#[derive(Clone, Debug)]
pub struct Session {
    /// As any other.
    pub key: Key,
    /// Sent along with what the key signs.
    pub token: String,
}

#[derive(Deserialize)]
struct Ready {
    listening: String,
    account: String,
    region: String,
    #[serde(flatten)]
    administrator: Key,
}

impl Substrate {
    /// The endpoint that most tests of this process share, started on first use.
    ///
    /// # Errors
    /// If Python is missing or the process does not come up; what it printed is part of the message.
    pub fn shared() -> Result<&'static Self> {
        Self::of("everybody")
    }

    /// The endpoint of one subject: for tests that ask about every bucket there is, or that keep it busy.
    ///
    /// # Errors
    /// As [`Substrate::shared`].
    pub fn of(subject: &'static str) -> Result<&'static Self> {
        static RUNNING: Mutex<BTreeMap<&str, &'static Substrate>> = Mutex::new(BTreeMap::new());
        // Held while one starts: whoever else wants it has to wait anyway.
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(substrate) = running.get(subject) {
            return Ok(substrate);
        }
        // It is to live as long as the test process.
        let started: &'static Self = Box::leak(Box::new(Self::start()?));
        running.insert(subject, started);
        Ok(started)
    }

    fn start() -> Result<Self> {
        let (process, ready) = python::serve("strict_moto.py", None)?;
        Ok(Self { ready, quilt3: OnceLock::new(), _process: process })
    }

    /// `http://127.0.0.1:<port>`, for every service.
    pub fn endpoint(&self) -> &str {
        &self.ready.listening
    }

    /// The twelve digits.
    pub fn account(&self) -> &str {
        &self.ready.account
    }

    /// Where everything is.
    pub fn region(&self) -> &str {
        &self.ready.region
    }

    /// Lets the real quilt3 do something here, as somebody who may do everything. It is started on first use.
    ///
    /// # Errors
    /// What quilt3 said if it refused.
    pub fn quilt3(&self, request: &serde_json::Value) -> Result<serde_json::Value> {
        let started = match self.quilt3.get() {
            Some(started) => started,
            None => {
                let key = &self.ready.administrator;
                let started = Quilt3::start_with(&[
                    ("AWS_ENDPOINT_URL", self.endpoint()),
                    ("AWS_ACCESS_KEY_ID", &key.access_key_id),
                    ("AWS_SECRET_ACCESS_KEY", &key.secret_access_key),
                    ("AWS_DEFAULT_REGION", self.region()),
                ])?;
                // Two may have started one; the one that is not kept ends.
                self.quilt3.get_or_init(|| Mutex::new(started))
            }
        };
        started.lock().unwrap_or_else(PoisonError::into_inner).ask(request)
    }

    /// S3 as somebody who may do everything.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        self.s3_as(&self.ready.administrator)
    }

    /// S3 as the owner of a key.
    pub fn s3_as(&self, key: &Key) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.endpoint())
            .region(Region::new(self.ready.region.clone()))
            .credentials_provider(credentials(key))
            .force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// IAM as somebody who may do everything.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.endpoint())
            .region(Region::new(self.ready.region.clone()))
            .credentials_provider(credentials(&self.ready.administrator));
        aws_sdk_iam::Client::from_conf(config.build())
    }

    /// STS as the owner of a key.
    pub fn sts_as(&self, key: &Key) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.endpoint())
            .region(Region::new(self.ready.region.clone()))
            .credentials_provider(credentials(key));
        aws_sdk_sts::Client::from_conf(config.build())
    }

    async fn control(&self, request: reqwest::RequestBuilder) -> Result<serde_json::Value> {
        let response = request.send().await?;
        let status = response.status();
        let body = response.text().await?;
        if !status.is_success() {
            return Err(format!("the substrate's control interface answered {status}: {body}").into());
        }
        Ok(serde_json::from_str(&body)?)
    }

    fn control_url(&self, path: &str) -> String {
        format!("{}/quilt-test/{path}", self.ready.listening)
    }
}

fn credentials(key: &Key) -> Credentials {
    Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "tests")
}
