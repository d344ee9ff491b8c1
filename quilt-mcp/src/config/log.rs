//! What is logged, and how.

use super::{Setting, Settings};

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// A filter in the language of `tracing`, such as `info,quilt_mcp=debug`. Read where logging starts.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, else JSON.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// One readable line an event.
    Human,
}

impl LogConfig {
    pub(super) fn read(settings: &Settings) -> Self {
        let format = settings.parsed(Setting::LogFormat, "`auto`, `json` or `human`", |text| match text {
            "auto" => Some(LogFormat::Auto),
            "json" => Some(LogFormat::Json),
            "human" => Some(LogFormat::Human),
            _ => None,
        });
        Self {
            filter: settings.text(Setting::Log).unwrap_or("info").to_owned(),
            format: format.unwrap_or_default(),
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".into(), format: LogFormat::Auto }
    }
}
