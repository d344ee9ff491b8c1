//! What the registry does instead of answering.

use std::time::Duration;

use serde_json::{Value, json};

use super::Registry;
use crate::Result;

/// How long a test waits for requests to be held, in seconds.
const PATIENCE: &str = "30";

/// What is to go wrong, and for whom.
#[derive(Clone, Debug)]
pub struct Trouble(Value);

impl Trouble {
    /// With operations of that name, which may hold `*`: of GraphQL, or `api/search`, or `config.json`.
    pub fn with(operation: &str) -> Self {
        Self(json!({"operation": operation}))
    }

    /// Only for this caller.
    #[must_use]
    pub fn of_caller(self, subject: &str) -> Self {
        self.and("subject", subject)
    }

    /// Only so often.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        self.and("times", times)
    }

    /// It does not answer until the trouble is over.
    #[must_use]
    pub fn holds(self) -> Self {
        self.and("hold", true)
    }

    /// It answers this instead.
    #[must_use]
    pub fn answers(self, status: u16, body: &str) -> Self {
        self.and("status", status).and("body", body)
    }

    /// It comes a byte at a time, so far apart.
    #[must_use]
    pub fn drips(self, apart: Duration) -> Self {
        self.and("drip", apart.as_secs_f64())
    }

    /// With a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.and("headers", json!({name: value}))
    }

    /// With so many bytes more.
    #[must_use]
    pub fn padded(self, bytes: usize) -> Self {
        self.and("padding", bytes)
    }

    /// It ends so many bytes before its announced end.
    #[must_use]
    pub fn cut(self, bytes: usize) -> Self {
        self.and("cut", bytes)
    }

    fn and(mut self, part: &str, value: impl Into<Value>) -> Self {
        self.0[part] = value.into();
        self
    }
}

/// A trouble in force.
pub struct Fault<'r> {
    registry: &'r Registry,
    id: u64,
}

impl Registry {
    /// Puts a trouble in force.
    ///
    /// # Errors
    /// If it does not know it.
    pub async fn inject(&self, trouble: &Trouble) -> Result<Fault<'_>> {
        let answer = self.tell("fault", &trouble.0).await?;
        Ok(Fault { registry: self, id: answer["id"].as_u64().ok_or("a fault's id is a number")? })
    }
}

impl Fault<'_> {
    /// Waits until so many requests are held.
    ///
    /// # Errors
    /// If it does not come to that.
    pub async fn held(&self, count: u32) -> Result<()> {
        let request = reqwest::Client::new()
            .get(self.registry.control(&format!("held?id={}&count={count}&timeout={PATIENCE}", self.id)));
        self.registry.answer(request).await.map(drop)
    }

    /// Ends it, and lets go what it holds. How many requests met it.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn lift(self) -> Result<u64> {
        let request = reqwest::Client::new().delete(self.registry.control(&format!("fault?id={}", self.id)));
        let answer = self.registry.answer(request).await?;
        answer["met"].as_u64().ok_or_else(|| "a count is a number".into())
    }
}
