//! Making the endpoint slow, failing or silent at a chosen moment.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::Substrate;
use crate::Result;

/// Which requests a fault hits, and what happens to them. All that is left out matches everything.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rule {
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hold: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unconditional: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fail: Option<Failure>,
}

#[derive(Clone, Debug, Serialize)]
struct Failure {
    status: u16,
    code: String,
}

impl Rule {
    /// For an action as IAM calls it; `s3:*` for all of S3.
    pub fn on(action: &str) -> Self {
        Self { action: action.into(), ..Self::default() }
    }

    /// Only in this bucket.
    #[must_use]
    pub fn in_bucket(mut self, bucket: &str) -> Self {
        self.bucket = Some(bucket.into());
        self
    }

    /// Only on keys that match: `*` stands for any characters, `?` for one, `[0-9]` for one of these.
    #[must_use]
    pub fn on_key(mut self, pattern: &str) -> Self {
        self.key = Some(pattern.into());
        self
    }

    /// The request is served as if it had no `If-Match` and no `If-None-Match`.
    #[must_use]
    pub fn whatever_the_condition(mut self) -> Self {
        self.unconditional = true;
        self
    }

    /// What is copied is this object of the same bucket, whatever the request names.
    #[must_use]
    pub fn copies(mut self, key: &str) -> Self {
        self.copies = Some(key.into());
        self
    }

    /// Only in the name of this role, or when asking for it.
    #[must_use]
    pub fn by_role(mut self, role_arn: &str) -> Self {
        self.role_arn = Some(role_arn.into());
        self
    }

    /// So many requests are let by first.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.after = Some(requests);
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The answer comes so much later.
    #[must_use]
    pub fn takes(mut self, delay: Duration) -> Self {
        self.delay_ms = Some(u64::try_from(delay.as_millis()).expect("a delay in tests is short"));
        self
    }

    /// The request waits until the fault is lifted.
    #[must_use]
    pub fn holds(mut self) -> Self {
        self.hold = true;
        self
    }

    /// The request is served; half of the answer comes, and then the connection ends. If there is no body, nothing comes.
    #[must_use]
    pub fn truncates_the_answer(mut self) -> Self {
        self.answer = Some("truncated");
        self
    }

    /// The request is served; half of the answer comes, and the rest waits until the fault is lifted.
    #[must_use]
    pub fn holds_the_answer(mut self) -> Self {
        self.answer = Some("held");
        self
    }

    /// The answer is this error, in the words of the service.
    #[must_use]
    pub fn fails(mut self, status: u16, code: &str) -> Self {
        self.fail = Some(Failure { status, code: code.into() });
        self
    }
}

/// A rule in force. Lift it: a hold left behind keeps requests waiting for two minutes.
pub struct Fault {
    substrate: &'static Substrate,
    id: u64,
}

impl Substrate {
    /// Puts a rule in force.
    ///
    /// # Errors
    /// If the endpoint does not know such a rule.
    pub async fn inject(&'static self, rule: Rule) -> Result<Fault> {
        let request = reqwest::Client::new().post(self.control_url("fault")).json(&rule);
        let answer = self.control(request).await?;
        Ok(Fault { substrate: self, id: answer["id"].as_u64().ok_or("a fault has a number")? })
    }

    /// Ends all sessions of a role at once, as if their time were over. How many there were.
    ///
    /// # Errors
    /// If the endpoint does not answer.
    pub async fn expire_sessions(&self, role_arn: &str) -> Result<u64> {
        let request =
            reqwest::Client::new().post(self.control_url("expire")).json(&json!({"role_arn": role_arn}));
        self.control(request).await?["expired"]
            .as_u64()
            .ok_or_else(|| "the number of expired sessions is a number".into())
    }
}

impl Fault {
    /// Waits until this has held so many requests in all.
    ///
    /// # Errors
    /// If that does not come about within 30 seconds.
    pub async fn held(&self, count: u32) -> Result<()> {
        let path = format!("held?id={}&count={count}&timeout=30", self.id);
        self.substrate.control(reqwest::Client::new().get(self.substrate.control_url(&path))).await?;
        Ok(())
    }

    /// Waits until so many clients in all have closed their connections while this held their requests.
    ///
    /// # Errors
    /// If that does not come about within 30 seconds.
    pub async fn dropped(&self, count: u32) -> Result<()> {
        let path = format!("dropped?id={}&count={count}&timeout=30", self.id);
        self.substrate.control(reqwest::Client::new().get(self.substrate.control_url(&path))).await?;
        Ok(())
    }

    /// How many requests this has delayed at the same time, at most.
    ///
    /// # Errors
    /// If the endpoint does not answer.
    pub async fn at_once(&self) -> Result<u64> {
        let url = self.substrate.control_url(&format!("at_once?id={}", self.id));
        let answer = self.substrate.control(reqwest::Client::new().get(url)).await?;
        answer["most"].as_u64().ok_or_else(|| "a number of requests is a number".into())
    }

    /// Ends it. How many requests met it.
    ///
    /// # Errors
    /// If the endpoint does not answer.
    pub async fn lift(self) -> Result<u64> {
        let path = format!("fault?id={}", self.id);
        let answer =
            self.substrate.control(reqwest::Client::new().delete(self.substrate.control_url(&path))).await?;
        answer["met"].as_u64().ok_or_else(|| "the number of requests met is a number".into())
    }
}
