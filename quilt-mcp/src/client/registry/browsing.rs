//! Looking into a package as the registry's web pages do: a session for one revision, and links to its files.
//!
//! The registry wants to see a cookie with each look, and gives one for the caller's token. Both go to the registry alone.

use std::fmt;
use std::time::Duration;

use percent_encoding::utf8_percent_encode;
use url::Url;
use zeroize::Zeroizing;

use super::answer::Refusal;
use super::operations::{
    BrowsingSessionCreate, BrowsingSessionDispose, browsing_session_create as create,
    browsing_session_dispose as dispose,
};
use super::{RegistryClient, retry};
use crate::client::fetch::{Fetch as _, Get};
use crate::domain::catalog::NOT_IN_PATH;
use crate::error::{ErrorCode, ToolError};

/// How long a session lasts that nobody ends: longer than any request needs it, as long as the registry's own default.
const TTL_SECONDS: i64 = 180;

/// A session at the registry.
#[derive(Clone, Debug)]
pub struct BrowsingSession {
    id: String,
}

/// What the registry wants to see besides a session.
pub struct BrowseCookie(Zeroizing<String>);

impl fmt::Debug for BrowseCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowseCookie")
    }
}

/// A link to a file, signed by the registry.
pub struct BrowseLink {
    /// Whoever has it can read the file.
    pub url: String,
    /// For how long, if it says so.
    pub valid_for: Option<Duration>,
}

impl fmt::Debug for BrowseLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowseLink").field("valid_for", &self.valid_for).finish_non_exhaustive()
    }
}

impl RegistryClient<'_> {
    /// Opens a session for what the Quilt+ URI `scope` names.
    ///
    /// # Errors
    ///
    /// There is no registry for this caller; it declines, or does not answer.
    pub async fn open_browsing(&self, scope: &str) -> Result<BrowsingSession, ToolError> {
        let variables = create::Variables { scope: scope.to_owned(), ttl: TTL_SECONDS };
        let id = self.mutate::<BrowsingSessionCreate, _>(variables, BrowsingSessionCreate::opened).await?;
        Ok(BrowsingSession { id })
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// The registry declines, or does not answer.
    pub async fn dispose_of_browsing(&self, session: &BrowsingSession) -> Result<(), ToolError> {
        let variables = dispose::Variables { id: session.id.clone() };
        self.mutate::<BrowsingSessionDispose, _>(variables, BrowsingSessionDispose::disposed).await
    }

    /// Asks for the cookie that goes with the caller's sessions.
    ///
    /// # Errors
    ///
    /// The registry refuses, gives none, or does not answer.
    pub async fn browse_cookie(&self) -> Result<BrowseCookie, ToolError> {
        let pass = self.pass()?;
        let url = pass.registry.at("/browse/set_browse_cookie");
        let answer = self.wire.http.post(self.get(&url, &pass, self.wire.within), Default::default()).await;
        let refusal = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => match answer.cookie {
                Some(cookie) => return Ok(BrowseCookie(cookie)),
                None => Refusal::Malformed,
            },
            Ok(answer) => Refusal::Status(answer.status, None),
            Err(error) => Refusal::None(error),
        };
        Err(refusal.explain(&pass))
    }

    /// Asks where the file at `path` of the session's package is. The registry points there with a link that it signed; nobody
    /// follows it here.
    ///
    /// # Errors
    ///
    /// There is no such file, the registry refuses, points to what is no signed link, or does not answer.
    pub async fn browse(
        &self,
        session: &BrowsingSession,
        cookie: &BrowseCookie,
        path: &str,
    ) -> Result<BrowseLink, ToolError> {
        let pass = self.pass()?;
        let encoded = |text: &str| utf8_percent_encode(text, NOT_IN_PATH).to_string();
        let url = pass.registry.at(&format!("/browse/{}/{}", encoded(&session.id), encoded(path)));
        let ask = |within| {
            let get = Get { cookie: Some(&cookie.0), ..self.get(&url, &pass, within) };
            self.wire.http.get(get)
        };
        let refusal = match retry::reading(self.wire.within, ask).await {
            Ok(answer) if (300..400).contains(&answer.status) => {
                match answer.location.as_deref().and_then(|location| signed(location)) {
                    Some(link) => return Ok(link),
                    None => Refusal::Malformed,
                }
            }
            Ok(answer) if answer.status == 404 => {
                return Err(ToolError::not_found(format!(
                    "the Quilt registry finds no file `{path}` in the package"
                ))
                .with_hint("package_browse shows which there are"));
            }
            Ok(answer) if answer.status == 200 => {
                return Err(ToolError::new(
                    ErrorCode::Unsupported,
                    "this Quilt registry serves files of packages itself, and gives no links to them",
                )
                .with_hint("package_browse and bucket_object_link give links with your own rights"));
            }
            Ok(answer) => Refusal::Status(answer.status, None),
            Err(error) => Refusal::None(error),
        };
        Err(refusal.explain(&pass))
    }
}

/// What a redirect points to, if it is a link that S3 takes. A page where one logs in is none.
fn signed(location: &str) -> Option<BrowseLink> {
    let url = Url::parse(location).ok().filter(|url| url.scheme() == "https" && url.has_host())?;
    let parameter = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
    parameter("X-Amz-Signature")?;
    let seconds = parameter("X-Amz-Expires").and_then(|seconds| seconds.parse().ok());
    Some(BrowseLink { valid_for: seconds.map(Duration::from_secs), url: location.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_signed_link_is_one() {
        let link =
            signed("https://b.s3.amazonaws.com/k?X-Amz-Expires=900&X-Amz-Signature=0f").expect("a link");
        assert_eq!(link.valid_for, Some(Duration::from_secs(900)));
        assert!(!format!("{link:?}").contains("0f"), "{link:?}");
        assert!(signed("https://b.s3.amazonaws.com/k?X-Amz-Signature=0f").is_some());
        for none in [
            "",
            "/login?next=X-Amz-Signature",
            "https://catalog.example.com/login",
            "http://b.s3.amazonaws.com/k?X-Amz-Signature=0f",
            "javascript:X-Amz-Signature=0f",
            "data:text/html,?X-Amz-Signature=0f",
        ] {
            assert!(signed(none).is_none(), "{none}");
        }
    }
}
