//! Objects of S3, by one client for the process.

use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;

/// How the caller is authenticated: as whoever runs the process.
const AUTH_TYPE: &str = "iam";

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Link {
    s3_uri: String,
    #[serde(default = "an_hour")]
    expiration: u32,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct List {
    bucket: String,
    #[serde(default)]
    prefix: String,
    #[serde(default = "a_hundred")]
    max_keys: i32,
    #[serde(default)]
    continuation_token: String,
    #[serde(default = "yes")]
    include_signed_urls: bool,
}

fn an_hour() -> u32 {
    3600
}

fn a_hundred() -> i32 {
    100
}

fn yes() -> bool {
    true
}

#[derive(Clone)]
pub(crate) struct Objects(Client);

/// A link, and when it stops working.
struct Signed {
    url: String,
    expires_at: String,
}

impl Objects {
    /// As the environment says.
    pub(crate) async fn new() -> Self {
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        Self(Client::from_conf(Builder::from(&config).force_path_style(true).build()))
    }

    pub(crate) async fn link(&self, asked: Link) -> Result<Value> {
        let (bucket, key) = asked
            .s3_uri
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or("`s3_uri` is not `s3://bucket/key`")?;
        let signed = self.sign(bucket, key, asked.expiration).await?;
        Ok(json!({
            "success": true,
            "bucket": bucket,
            "key": key,
            "s3_uri": asked.s3_uri,
            "signed_url": signed.url,
            "expiration_seconds": asked.expiration,
            "expires_at": signed.expires_at,
            "auth_type": AUTH_TYPE,
        }))
    }

    pub(crate) async fn list(&self, asked: List) -> Result<Value> {
        let after = Some(asked.continuation_token).filter(|token| !token.is_empty());
        let list = self.0.list_objects_v2().bucket(&asked.bucket).prefix(&asked.prefix);
        let page = list.max_keys(asked.max_keys).set_continuation_token(after).send().await?;
        let mut objects = Vec::with_capacity(page.contents().len());
        for object in page.contents() {
            let key = object.key().unwrap_or_default();
            let mut entry = json!({
                "key": key,
                "s3_uri": format!("s3://{}/{key}", asked.bucket),
                "size": object.size(),
                "last_modified": object.last_modified().and_then(|at| at.fmt(DateTimeFormat::DateTime).ok()),
                "etag": object.e_tag().map(|etag| etag.trim_matches('"')),
                "storage_class": object.storage_class().map(|class| class.as_str()),
            });
            if asked.include_signed_urls {
                let signed = self.sign(&asked.bucket, key, an_hour()).await?;
                entry["signed_url"] = signed.url.into();
                entry["signed_url_expiry"] = signed.expires_at.into();
            }
            objects.push(entry);
        }
        let mut answer = json!({
            "success": true,
            "bucket": asked.bucket,
            "prefix": asked.prefix,
            "count": objects.len(),
            "objects": objects,
            "is_truncated": page.is_truncated(),
            "auth_type": AUTH_TYPE,
        });
        if let Some(next) = page.next_continuation_token() {
            answer["next_continuation_token"] = next.into();
        }
        Ok(answer)
    }

    async fn sign(&self, bucket: &str, key: &str, seconds: u32) -> Result<Signed> {
        let (from, length) = (SystemTime::now(), Duration::from_secs(seconds.into()));
        let config = PresigningConfig::builder().start_time(from).expires_in(length).build()?;
        let signed = self.0.get_object().bucket(bucket).key(key).presigned(config).await?;
        let expires_at = DateTime::from(from + length).fmt(DateTimeFormat::DateTime)?;
        Ok(Signed { url: signed.uri().to_owned(), expires_at })
    }
}
