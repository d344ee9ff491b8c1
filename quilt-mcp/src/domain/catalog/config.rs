//! What a catalog publishes of its stack: its `config.json`.

use std::fmt;

use serde::Deserialize;

use crate::domain::registry::RegistryUrl;

/// What a catalog publishes of its stack, checked. The same for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogConfig {
    /// The stack's registry, as the catalog says. Never a reason to send a token there: that is the operator's to say.
    pub registry: RegistryUrl,
    /// The stack's AWS region.
    pub region: String,
    /// The name with which the stack's resources begin.
    pub stack: Option<String>,
}

/// What else is in the file is of no use here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    registry_url: String,
    region: String,
    analytics_bucket: Option<String>,
}

/// Why a file is no catalog's `config.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCatalogConfig(&'static str);

impl fmt::Display for InvalidCatalogConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl CatalogConfig {
    /// Reads `config.json`.
    ///
    /// # Errors
    ///
    /// It is not JSON, or `registryUrl` or `region` is missing or not one.
    pub fn read(json: &[u8]) -> Result<Self, InvalidCatalogConfig> {
        let published: Published = serde_json::from_slice(json)
            .map_err(|_| InvalidCatalogConfig("it is not JSON with `registryUrl` and `region`"))?;
        let registry = published
            .registry_url
            .parse()
            .map_err(|_| InvalidCatalogConfig("`registryUrl` is not the address of a registry"))?;
        if !plain(&published.region) {
            return Err(InvalidCatalogConfig("`region` is not the name of a region"));
        }
        let stack = published.analytics_bucket.as_deref().and_then(stack_of).map(str::to_owned);
        Ok(Self { registry, region: published.region, stack })
    }

    /// The Athena data catalog in which the stack's tabulator tables are.
    pub fn tabulator_data_catalog(&self) -> Option<String> {
        self.stack.as_ref().map(|stack| format!("quilt-{stack}-tabulator"))
    }
}

/// A stack's buckets are named `<stack>-analyticsbucket-<random>`, whatever the case.
fn stack_of(analytics_bucket: &str) -> Option<&str> {
    let lower = analytics_bucket.to_ascii_lowercase();
    let end = lower.find("-analyticsbucket").or_else(|| lower.find('-'))?;
    analytics_bucket.get(..end).filter(|stack| plain(stack))
}

fn plain(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bucket: &str) -> Option<String> {
        let json = format!(
            r#"{{"registryUrl": "https://registry.example.com", "region": "eu-west-1", "analyticsBucket": "{bucket}",
                "apiGatewayEndpoint": "https://api.example.com", "mode": "PRODUCT"}}"#
        );
        CatalogConfig::read(json.as_bytes()).expect("good").tabulator_data_catalog()
    }

    #[test]
    fn the_data_catalog_is_named_after_the_stack() {
        assert_eq!(
            read("quilt-staging-analyticsbucket-10ort3e91tnoa").as_deref(),
            Some("quilt-quilt-staging-tabulator")
        );
        assert_eq!(read("Demo-AnalyticsBucket-1").as_deref(), Some("quilt-Demo-tabulator"));
        assert_eq!(read("stack-other").as_deref(), Some("quilt-stack-tabulator"));
        for none in ["", "plain", "-analyticsbucket-x", "a b-analyticsbucket"] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_no_config_is_refused() {
        for json in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"registryUrl": "https://r.example.com"}"#,
            r#"{"registryUrl": "http://r.example.com", "region": "eu-west-1"}"#,
            r#"{"registryUrl": "https://r.example.com", "region": "eu west"}"#,
        ] {
            assert!(CatalogConfig::read(json.as_bytes()).is_err(), "{json}");
        }
    }
}
