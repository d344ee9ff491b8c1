//! Where spans are sent.

use super::{ConfigError, Setting, Settings};

/// A collector that speaks OTLP over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorUrl(url::Url);

impl CollectorUrl {
    /// None if nothing is said. That the program can send spans at all is checked too.
    pub(super) fn read(settings: &Settings) -> Result<Option<Self>, ConfigError> {
        let setting = Setting::OtlpEndpoint;
        let Some(text) = settings.text(setting) else { return Ok(None) };
        if cfg!(not(feature = "otel")) {
            return Err(ConfigError::new(format!(
                "{} is set, but this program cannot send spans: build it with the feature `otel`, or unset it",
                settings.spell(setting)
            )));
        }
        let url = url::Url::parse(text).ok().filter(|url| {
            let nobody = url.username().is_empty() && url.password().is_none();
            matches!(url.scheme(), "http" | "https")
                && nobody
                && url.query().is_none()
                && url.fragment().is_none()
        });
        let url = url.ok_or_else(|| {
            // The text may hold a password.
            ConfigError::new(format!(
                "{} is not the http or https URL of a collector, such as http://127.0.0.1:4318, without user, query and \
                 fragment",
                settings.spell(setting)
            ))
        })?;
        Ok(Some(Self(url)))
    }

    /// Where traces go, as OTLP has it.
    pub fn for_traces(&self) -> String {
        format!("{}/v1/traces", self.0.as_str().trim_end_matches('/'))
    }
}
