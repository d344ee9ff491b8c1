//! Which documentation is searched.

use super::{Setting, Settings};
use crate::domain::docs::DocsSite;

/// Quilt's own, unless said otherwise.
pub(super) fn read(settings: &Settings) -> Option<DocsSite> {
    let parse = |text: &str| match text {
        "off" => Some(None),
        site => DocsSite::parse(site).map(Some),
    };
    let expected = "`off`, or the https address of a host, such as https://docs.example.com";
    match settings.text(Setting::DocsUrl) {
        Some(_) => settings.parsed(Setting::DocsUrl, expected, parse).flatten(),
        None => Setting::DocsUrl.default().and_then(DocsSite::parse),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, ConfigError, Flags};

    fn docs(value: Option<&str>) -> Result<Option<String>, ConfigError> {
        let given = value.map(|value| ("QUILT_MCP_DOCS_URL", value));
        let all = [("HOME", "/home/ada")].into_iter().chain(given);
        let config = Config::load(Flags::default(), all.map(|(name, value)| (name.into(), value.into())))?;
        Ok(config.docs.map(|site| site.to_string()))
    }

    #[test]
    fn quilts_own_is_searched_unless_the_operator_says_otherwise() {
        assert_eq!(docs(None), Ok(Some("https://docs.quilt.bio".into())));
        assert_eq!(docs(Some("https://docs.example.com")), Ok(Some("https://docs.example.com".into())));
        assert_eq!(docs(Some("off")), Ok(None));
        for refused in ["http://docs.example.com", "docs.example.com", "https://docs.example.com/x", "no"] {
            assert!(docs(Some(refused)).is_err(), "{refused}");
        }
    }
}
