//! The one place a token is taken from. Query strings and cookies are not looked at.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::AuthError;

/// The token of `Authorization: Bearer <token>`.
///
/// # Errors
///
/// There is not exactly one such header, or it is not the scheme `Bearer` (in any case) and one token. Of two headers,
/// a proxy in front may have checked the other one.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, more) = (values.next().ok_or(AuthError::NoToken)?, values.next());
    if more.is_some() {
        return Err(AuthError::SeveralTokens);
    }
    let text = value.to_str().map_err(|_| AuthError::NotBearer)?;
    let (scheme, rest) = text.split_once(' ').ok_or(AuthError::NotBearer)?;
    let token = rest.trim_start_matches(' ');
    let one_token = !token.is_empty() && !token.contains([' ', '\t', ',']);
    if scheme.eq_ignore_ascii_case("bearer") && one_token { Ok(token) } else { Err(AuthError::NotBearer) }
}
