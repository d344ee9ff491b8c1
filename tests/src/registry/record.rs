//! What the registry was asked, and by whom.

use serde::Deserialize;
use serde_json::Value;

use super::Registry;
use crate::Result;
use crate::substrate::request_ids;

/// One request that the registry served. `registry/http.py` writes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    /// Counts from 0.
    pub number: u64,
    /// When it came, in seconds of the Unix epoch.
    pub time: f64,
    /// The GraphQL operation's name, or the path.
    pub operation: String,
    /// `query` or `mutation`, of GraphQL.
    pub kind: Option<String>,
    /// Of the operation.
    pub variables: Option<Value>,
    /// Of the URL.
    pub query: Value,
    /// Of the token, if it was good.
    pub issuer: Option<String>,
    /// Of the token, if it was good.
    pub subject: Option<String>,
    /// Which token it was, good or not.
    pub token_sha256: Option<String>,
    /// As sent.
    pub user_agent: Option<String>,
}

impl Asked {
    /// The server's request id in the user agent.
    pub fn request_id(&self) -> Option<&str> {
        request_ids(self.user_agent.as_deref()?).next()
    }
}

/// A point in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(u64);

#[derive(Deserialize)]
struct Page {
    entries: Vec<Asked>,
}

impl Registry {
    /// The end of the record as it is now.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn mark(&self) -> Result<Mark> {
        let answer = self.answer(reqwest::Client::new().get(self.control("mark"))).await?;
        Ok(Mark(answer["next"].as_u64().ok_or("the registry's mark is a number")?))
    }

    /// Where the record begins.
    pub fn start_of_record(&self) -> Mark {
        Mark(0)
    }

    /// Everything that was asked since, with whatever token.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn since(&self, mark: Mark) -> Result<Vec<Asked>> {
        let request = reqwest::Client::new().get(self.control(&format!("record?since={}", mark.0)));
        let page: Page = serde_json::from_value(self.answer(request).await?)?;
        Ok(page.entries)
    }

    /// What was asked since with good tokens of one issuer.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn asked_by(&self, issuer: &str, mark: Mark) -> Result<Vec<Asked>> {
        let all = self.since(mark).await?;
        Ok(all.into_iter().filter(|asked| asked.issuer.as_deref() == Some(issuer)).collect())
    }
}
