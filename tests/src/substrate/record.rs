//! What the endpoint saw.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Substrate;
use crate::Result;

/// One request that the endpoint served. `strict/record.py` writes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// Counts from 0, in the order in which requests were finished.
    pub number: u64,
    /// As IAM calls it: `s3:GetObject`. None if the endpoint did not get so far.
    pub action: Option<String>,
    /// For S3.
    pub bucket: Option<String>,
    /// For S3.
    pub key: Option<String>,
    /// The ARN, or `*`.
    pub resource: Option<String>,
    /// How it was signed.
    pub signed: Signed,
    /// Whose key it claims to be signed with.
    pub access_key_id: Option<String>,
    /// Behind a key that STS issued.
    pub role_arn: Option<String>,
    /// Behind a key that STS issued.
    pub session_name: Option<String>,
    /// Behind a key that STS issued, if one was set.
    pub source_identity: Option<String>,
    /// The ARN of the signer, once the signature was found good.
    pub caller: Option<String>,
    /// What STS gave out in this exchange.
    pub issued: Option<Issued>,
    /// Of the answer.
    pub status: u16,
    /// As sent.
    pub user_agent: Option<String>,
}

/// Where the signature was.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Signed {
    /// In the `Authorization` header.
    Header,
    /// In the query: a signed URL.
    Query,
    /// Nowhere.
    None,
}

/// Temporary credentials that STS gave out.
#[derive(Clone, Debug, Deserialize)]
pub struct Issued {
    /// The key that later entries are signed with.
    pub access_key_id: String,
    /// The role assumed.
    pub role_arn: String,
    /// As asked for.
    pub session_name: String,
    /// As asked for.
    pub source_identity: Option<String>,
    /// As asked for.
    pub tags: BTreeMap<String, String>,
}

impl Entry {
    /// Whether it is about objects or buckets.
    pub fn is_s3(&self) -> bool {
        self.action.as_deref().is_some_and(|action| action.starts_with("s3:"))
    }

    /// Whether credentials were asked for.
    pub fn is_exchange(&self) -> bool {
        self.action.as_deref() == Some("sts:AssumeRole")
    }

    /// The role that acts, or that is asked for.
    pub fn role(&self) -> Option<&str> {
        if self.is_exchange() { self.resource.as_deref() } else { self.role_arn.as_deref() }
    }

    /// The server's request id in the user agent: the first run of exactly 32 hexadecimal digits.
    pub fn request_id(&self) -> Option<&str> {
        request_ids(self.user_agent.as_deref()?).next()
    }
}

/// What may be the server's name of a request: each run of exactly 32 hexadecimal digits.
pub(crate) fn request_ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A point in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(u64);

#[derive(Deserialize)]
struct Page {
    entries: Vec<Entry>,
}

impl Substrate {
    /// The end of the record as it is now.
    ///
    /// # Errors
    /// If the endpoint does not answer.
    pub async fn mark(&self) -> Result<Mark> {
        let answer = self.control(reqwest::Client::new().get(self.control_url("mark"))).await?;
        Ok(Mark(answer["next"].as_u64().ok_or("the substrate's mark is a number")?))
    }

    /// Everything since.
    ///
    /// # Errors
    /// If the endpoint does not answer.
    pub async fn since(&self, mark: Mark) -> Result<Vec<Entry>> {
        Ok(self.page(mark).await?.entries)
    }

    /// The secret parts of every key that STS gave out for a role: secret keys and session tokens.
    ///
    /// # Errors
    /// If the endpoint does not answer.
    pub async fn secrets_of(&self, role_arn: &str) -> Result<Vec<String>> {
        let request = reqwest::Client::new().get(self.control_url(&format!("secrets?role_arn={role_arn}")));
        Ok(serde_json::from_value(self.control(request).await?["secrets"].take())?)
    }

    async fn page(&self, mark: Mark) -> Result<Page> {
        let request = reqwest::Client::new().get(self.control_url(&format!("record?since={}", mark.0)));
        Ok(serde_json::from_value(self.control(request).await?)?)
    }
}
