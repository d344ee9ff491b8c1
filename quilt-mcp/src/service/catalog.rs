//! Which catalog links lead to.

use std::sync::{Mutex, PoisonError};

use crate::domain::catalog::CatalogUrl;
use crate::domain::deployment::Deployment;
use crate::error::{ErrorCode, ToolError};
use crate::store::CatalogFile;

/// Which catalog links lead to. The same for all callers: the operator's choice, and on a server that works for one
/// person that person's.
#[derive(Debug)]
pub struct Catalog {
    configured: Option<CatalogUrl>,
    /// Where one person's choice is kept. A server that works for many has none, so nobody there can choose.
    choice: Option<Choice>,
}

#[derive(Debug)]
struct Choice {
    file: CatalogFile,
    chosen: Mutex<Option<CatalogUrl>>,
}

/// How a catalog came to be the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// By the server's configuration.
    Configuration,
    /// By the person the server works for.
    Person,
}

impl Catalog {
    /// What `configured` says. A `file` is read if nothing is configured; give one only for [`Deployment::SingleUser`].
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read, or holds no address.
    pub fn new(
        deployment: Deployment,
        configured: Option<CatalogUrl>,
        file: CatalogFile,
    ) -> Result<Self, ToolError> {
        let choice = match deployment {
            Deployment::MultiTenant => None,
            Deployment::SingleUser => {
                let chosen = if configured.is_none() { file.read()? } else { None };
                Some(Choice { file, chosen: Mutex::new(chosen) })
            }
        };
        Ok(Self { configured, choice })
    }

    /// The catalog, if there is one, and by whom it was chosen.
    pub fn current(&self) -> Option<(CatalogUrl, ChosenBy)> {
        let chosen = self
            .choice
            .as_ref()
            .and_then(|choice| choice.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone());
        match (chosen, &self.configured) {
            (Some(url), _) => Some((url, ChosenBy::Person)),
            (None, Some(url)) => Some((url.clone(), ChosenBy::Configuration)),
            (None, None) => None,
        }
    }

    /// The catalog, if there is one.
    pub fn url(&self) -> Option<CatalogUrl> {
        self.current().map(|(url, _)| url)
    }

    /// The catalog that is named, or else the one there is.
    ///
    /// # Errors
    ///
    /// `invalid_input`: neither is there.
    pub fn named_or_current(&self, named: Option<CatalogUrl>) -> Result<CatalogUrl, ToolError> {
        named.or_else(|| self.url()).ok_or_else(|| {
            ToolError::invalid_input("no catalog is configured and `catalog_host` is not given")
                .with_hint("give `catalog_host`, or set QUILT_MCP_CATALOG_URL for the server")
        })
    }

    /// Chooses `url` for this process and, unless the configuration names another, for those to come. Nobody is asked
    /// whether there is a catalog. Returns whether the choice outlives the process.
    ///
    /// # Errors
    ///
    /// `unsupported`: the server works for many. `internal`: the choice could not be kept; nothing has changed then.
    pub async fn choose(&self, url: CatalogUrl) -> Result<bool, ToolError> {
        let Some(choice) = &self.choice else {
            return Err(ToolError::new(
                ErrorCode::Unsupported,
                "the catalog of this server is the operator's choice",
            )
            .with_hint("give `catalog_host` with the call instead"));
        };
        choice.file.write(&url).await?;
        let lasts = self.configured.as_ref().is_none_or(|configured| *configured == url);
        *choice.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(url);
        Ok(lasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> CatalogUrl {
        text.parse().expect("a URL")
    }

    fn catalog(mode: Deployment, configured: Option<&str>, directory: &tempfile::TempDir) -> Catalog {
        Catalog::new(mode, configured.map(url), CatalogFile::in_directory(directory.path()))
            .expect("readable")
    }

    #[tokio::test]
    async fn one_persons_choice_is_kept() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let catalog_now = catalog(Deployment::SingleUser, None, &directory);
        assert_eq!(catalog_now.current(), None);
        assert!(catalog_now.choose(url("open")).await?, "it lasts");
        assert_eq!(catalog_now.current(), Some((url("open"), ChosenBy::Person)));
        assert_eq!(catalog(Deployment::SingleUser, None, &directory).url(), Some(url("open")));
        Ok(())
    }

    #[tokio::test]
    async fn the_configuration_counts_again_at_the_next_start() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let catalog_now = catalog(Deployment::SingleUser, Some("demo"), &directory);
        assert!(!catalog_now.choose(url("open")).await?, "it does not last");
        assert_eq!(catalog_now.url(), Some(url("open")));
        let next = catalog(Deployment::SingleUser, Some("demo"), &directory);
        assert_eq!(next.current(), Some((url("demo"), ChosenBy::Configuration)));
        Ok(())
    }

    #[tokio::test]
    async fn nobody_chooses_for_many() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let of_many = catalog(Deployment::MultiTenant, Some("demo"), &directory);
        let refused = of_many.choose(url("open")).await.expect_err("refused");
        assert_eq!(refused.code(), ErrorCode::Unsupported);
        assert_eq!(of_many.url(), Some(url("demo")));
        assert_eq!(std::fs::read_dir(directory.path())?.count(), 0, "nothing is written");
        Ok(())
    }
}
