//! Sessions in which a caller looks into a package.

use super::{declined, operations};
use crate::client::registry::declined::Declined;

operations! {
    /// Opens one.
    mutation BrowsingSessionCreate in "graphql/browsing.graphql";
    /// Ends one before its time.
    mutation BrowsingSessionDispose in "graphql/browsing.graphql";
}

impl BrowsingSessionCreate {
    /// What the session is called.
    pub(crate) fn opened(data: browsing_session_create::ResponseData) -> Result<String, Declined> {
        use browsing_session_create::BrowsingSessionCreateSession as Outcome;
        match data.session {
            Outcome::BrowsingSession(session) => Ok(session.id),
            Outcome::InvalidInput(input) => Err(declined!(input)),
            Outcome::OperationError(error) => Err(declined!(operation error)),
        }
    }
}

impl BrowsingSessionDispose {
    /// How it went.
    pub(crate) fn disposed(data: browsing_session_dispose::ResponseData) -> Result<(), Declined> {
        use browsing_session_dispose::BrowsingSessionDisposeDisposed as Outcome;
        match data.disposed {
            Outcome::Ok => Ok(()),
            Outcome::OperationError(error) => Err(declined!(operation error)),
        }
    }
}
