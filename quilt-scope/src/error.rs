//! Why a scope could not provide a service.

use std::error::Error;
use std::fmt;

/// Any error, boxed: what a constructor's failure becomes.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// A service could not be built.
///
/// The constructor's own error is the [`source`](Error::source), and [`ScopeError::into_source`] hands it back whole.
/// The text is for people and may change; ask [`ScopeError::service`] rather than parse it.
pub struct ScopeError(Box<Failure>);

struct Failure {
    service: &'static str,
    needed_by: Vec<&'static str>,
    source: BoxError,
}

impl ScopeError {
    pub(crate) fn construction(service: &'static str, source: BoxError) -> Self {
        Self(Box::new(Failure { service, needed_by: Vec::new(), source }))
    }

    pub(crate) fn needed_by(mut self, dependent: &'static str) -> Self {
        self.0.needed_by.push(dependent);
        self
    }

    /// The service whose constructor failed.
    pub fn service(&self) -> &'static str {
        self.0.service
    }

    /// The services that could not be built because of it, from the nearest outward.
    pub fn needed_by_path(&self) -> &[&'static str] {
        &self.0.needed_by
    }

    /// The constructor's error, to be downcast.
    pub fn into_source(self) -> BoxError {
        self.0.source
    }
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` could not be built", self.0.service)?;
        for dependent in &self.0.needed_by {
            write!(f, ", needed by `{dependent}`")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeError")
            .field("service", &self.0.service)
            .field("needed_by", &self.0.needed_by)
            .field("source", &self.0.source)
            .finish()
    }
}

impl Error for ScopeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0.source)
    }
}
