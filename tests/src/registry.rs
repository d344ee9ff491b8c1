//! A Quilt registry and catalog on loopback: `tests/substrate/registry_double.py` as a process.

mod fault;
mod record;

use std::process::Child;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use fault::{Fault, Trouble};
pub use record::{Asked, Mark};

use crate::token::TokenMint;
use crate::{Result, python, workspace};

/// A running registry process. Each issuer of tokens has a registry of its own in it, so tests share it.
///
/// It ends with this process: it waits for its standard input to close.
pub struct Registry {
    origin: String,
    _process: Child,
}

/// Somebody's account.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    name: String,
    email: String,
    is_admin: bool,
    is_active: bool,
    buckets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
}

impl Account {
    /// Of whom tokens call so.
    pub fn of(subject: &str) -> Self {
        Self {
            name: subject.into(),
            email: subject.into(),
            is_admin: false,
            is_active: true,
            buckets: Vec::new(),
            id: None,
        }
    }

    /// Whom a stock catalog's tokens call by this number.
    #[must_use]
    pub fn numbered(mut self, id: u64) -> Self {
        self.id = Some(id);
        self
    }

    /// Who administers the registry.
    #[must_use]
    pub fn who_administers(mut self) -> Self {
        self.is_admin = true;
        self
    }

    /// Who can no longer sign in.
    #[must_use]
    pub fn who_has_left(mut self) -> Self {
        self.is_active = false;
        self
    }

    /// Who may see these buckets.
    #[must_use]
    pub fn who_sees(mut self, buckets: &[&str]) -> Self {
        self.buckets = buckets.iter().map(|&bucket| bucket.to_owned()).collect();
        self
    }
}

impl Registry {
    /// The one that most tests of this process share, started on first use.
    ///
    /// # Errors
    /// If Python is missing or the process does not come up.
    pub fn shared() -> Result<&'static Self> {
        static RUNNING: Mutex<Option<&'static Registry>> = Mutex::new(None);
        // Held while it starts: whoever else wants it has to wait anyway.
        let mut running = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(registry) = *running {
            return Ok(registry);
        }
        // It is to live as long as the test process.
        let started: &'static Self = Box::leak(Box::new(Self::start()?));
        *running = Some(started);
        Ok(started)
    }

    /// One of the test's own: for what is the same for all callers, as `config.json` is.
    ///
    /// # Errors
    /// As [`Registry::shared`].
    pub fn start() -> Result<Self> {
        #[derive(Deserialize)]
        struct Ready {
            listening: String,
        }
        let schema = workspace().join("quilt-mcp/graphql/schema.graphql");
        let (process, ready): (_, Ready) = python::serve("registry_double.py", Some(&schema))?;
        Ok(Self { origin: ready.listening, _process: process })
    }

    /// `http://127.0.0.1:<port>`, of registry and catalog.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// From now on there is a registry for the tokens of this mint.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn trust(&self, mint: &TokenMint) -> Result<()> {
        self.tell("trust", &json!({"issuer": mint.issuer, "secret": mint.secret()})).await.map(drop)
    }

    /// From now on there is a stock catalog's registry, whose tokens are signed by this mint and name no issuer. To the tests it is
    /// known by the mint's.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn trust_catalog(&self, mint: &TokenMint) -> Result<()> {
        let details = json!({"issuer": mint.issuer, "secret": mint.secret(), "is_catalog": true});
        self.tell("trust", &details).await.map(drop)
    }

    /// Opens an account, or replaces it.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn add_user(&self, issuer: &str, account: &Account) -> Result<()> {
        self.tell_of(issuer, "user", serde_json::to_value(account)?).await
    }

    /// Tells the registry of an issuer something: see `registry/control.py`.
    ///
    /// # Errors
    /// If it does not know that.
    pub async fn tell_of(&self, issuer: &str, what: &str, mut details: Value) -> Result<()> {
        details["issuer"] = issuer.into();
        self.tell(what, &details).await.map(drop)
    }

    /// Changes what the catalog's `config.json` says. For a registry of the test's own.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn publish(&self, config: &Value) -> Result<()> {
        self.tell("config", config).await.map(drop)
    }

    /// What administrators have set at the registry of an issuer.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn state(&self, issuer: &str) -> Result<Value> {
        self.answer(reqwest::Client::new().get(self.control(&format!("state?issuer={issuer}")))).await
    }

    async fn tell(&self, what: &str, details: &Value) -> Result<Value> {
        self.answer(reqwest::Client::new().post(self.control(what)).json(details)).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let response = request.send().await?;
        let status = response.status();
        let body = response.text().await?;
        if !status.is_success() {
            return Err(format!("the registry's control interface answered {status}: {body}").into());
        }
        Ok(serde_json::from_str(&body)?)
    }

    fn control(&self, path: &str) -> String {
        format!("{}/quilt-test/{path}", self.origin)
    }
}
