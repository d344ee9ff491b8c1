//! One caller's AWS credentials, for one request.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use quilt_scope::{Secrets, service};
use zeroize::ZeroizeOnDrop;

use super::CredentialSource;
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::RequestId;
use crate::error::ToolError;

/// One caller's AWS credentials, for one request.
///
/// They say whose they are and for which request, so that a client built from them cannot be attributed to another. The
/// secret parts are wiped when the last client that uses them is gone, and no method of this type shows them.
#[derive(Secrets)]
pub struct CallerCredentials {
    credentials: Wiped,
    #[secrets(none)]
    principal: Principal,
    #[secrets(none)]
    request: RequestId,
}

/// The SDK's type, which holds each part in a `Zeroizing` (`aws-credential-types`, `Inner`) and does not say so. That its memory
/// is wiped is seen from outside, by the tests that search the server's.
struct Wiped(Credentials);

impl ZeroizeOnDrop for Wiped {}

#[service(secrets)]
impl CallerCredentials {
    /// Asks `source` for the credentials of this request's caller.
    ///
    /// # Errors
    ///
    /// `source` has none, or answers with somebody else's.
    pub async fn new(
        principal: &Principal,
        grant: &Grant,
        source: &dyn CredentialSource,
        request: &RequestId,
    ) -> Result<Self, ToolError> {
        let credentials = source.credentials(principal, grant, *request).await?;
        if credentials.principal != *principal || credentials.request != *request {
            return Err(ToolError::internal("the credential source answered for another caller or request"));
        }
        Ok(credentials)
    }
}

impl CallerCredentials {
    /// `credentials`, which were obtained for `principal` and `request`. For implementations of [`CredentialSource`].
    pub fn obtained(credentials: Credentials, principal: &Principal, request: RequestId) -> Self {
        Self { credentials: Wiped(credentials), principal: principal.clone(), request }
    }

    /// When AWS stops accepting them, or the caller's token ends, whichever comes first. `None`: not known to end.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.credentials.0.expiry()
    }

    /// Whose they are.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The request they are for.
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// The same, for another request of the same caller.
    pub(super) fn for_request(&self, request: RequestId) -> Self {
        Self::obtained(self.kept(), &self.principal, request)
    }

    /// For [`super::reuse`], which gives them out for another request of the same token, and for clients.
    pub(super) fn kept(&self) -> Credentials {
        self.credentials.0.clone()
    }

    pub(super) fn provider(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(self.kept())
    }
}

/// Shows whose they are and when they end; of the credentials themselves nothing, not even the access key id.
impl fmt::Debug for CallerCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerCredentials")
            .field("principal", &self.principal)
            .field("request", &self.request)
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use quilt_scope::BoxFuture;

    use super::*;
    use crate::error::ErrorCode;

    fn user(name: &str) -> Principal {
        Principal::verified("https://idp".into(), "acme".into(), name.into())
    }

    fn credentials(of: &Principal, request: RequestId) -> CallerCredentials {
        let keys = Credentials::new("AKIDCANARY", "SECRETCANARY", Some("TOKENCANARY".into()), None, "test");
        CallerCredentials::obtained(keys, of, request)
    }

    #[test]
    fn debug_shows_nothing_of_the_keys() {
        let shown = format!("{:?}", credentials(&user("alice"), RequestId::new()));
        assert!(!shown.contains("CANARY"), "{shown}");
    }

    /// Answers everybody with the credentials of one.
    struct Confused(Principal);

    impl CredentialSource for Confused {
        fn credentials<'a>(
            &'a self,
            _: &'a Principal,
            _: &'a Grant,
            request: RequestId,
        ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
            Box::pin(async move { Ok(credentials(&self.0, request)) })
        }
    }

    #[tokio::test]
    async fn credentials_of_another_are_not_accepted() {
        let source = Confused(user("alice"));
        let request = RequestId::new();
        let own = CallerCredentials::new(&user("alice"), &Grant::Ambient, &source, &request).await;
        assert!(own.is_ok());
        let foreign = CallerCredentials::new(&user("bob"), &Grant::Ambient, &source, &request).await;
        assert_eq!(foreign.map(|_| ()).map_err(|e| e.code()), Err(ErrorCode::Internal));
    }
}
