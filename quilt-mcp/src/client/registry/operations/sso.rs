//! Single sign-on.

use super::{declined, operations};
use crate::client::registry::declined::Declined;
use crate::domain::registry::{SsoConfig, Uploader};

type Datetime = String;

operations! {
    /// Its configuration.
    query SsoConfigGet in "graphql/sso.graphql";
    /// Sets its configuration, or takes it away.
    mutation SsoConfigSet in "graphql/sso.graphql";
}

macro_rules! config_of {
    ($($module:ident)*) => {$(
        impl From<$module::SsoFields> for SsoConfig {
            fn from(config: $module::SsoFields) -> Self {
                let uploader = Uploader { name: config.uploader.name, email: config.uploader.email };
                Self { text: config.text, timestamp: config.timestamp, uploader }
            }
        }
    )*};
}

config_of! { sso_config_get sso_config_set }

impl sso_config_set::ResponseData {
    /// What is configured now.
    pub(crate) fn changed(self) -> Result<Option<SsoConfig>, Declined> {
        use sso_config_set::SsoConfigSetAdminSetSsoConfig as Outcome;
        match self.admin.set_sso_config {
            None => Ok(None),
            Some(Outcome::SsoConfig(config)) => Ok(Some(config.into())),
            Some(Outcome::InvalidInput(input)) => Err(declined!(input)),
            Some(Outcome::OperationError(error)) => Err(declined!(operation error)),
        }
    }
}
