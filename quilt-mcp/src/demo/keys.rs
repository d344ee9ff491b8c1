//! The access keys that the embedded endpoint has issued, and to whom. In memory: a restart makes all of them unknown.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use s3s::auth::SecretKey;
use s3s::{S3Error, S3ErrorCode};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::world::{Role, random_secret};

/// For whom a request is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// The MCP server itself. It may exchange, and has no right to any bucket.
    Server,
    /// Somebody for whom the server has assumed a role.
    Session {
        /// What the session may do.
        role: &'static Role,
        /// The role session name.
        name: String,
    },
}

/// A key as its owner gets it.
pub(super) struct IssuedKey {
    pub(super) access_key: String,
    pub(super) secret: SecretString,
    /// Absent for the server's own, permanent key.
    pub(super) session_token: Option<SecretString>,
    pub(super) expires: Option<SystemTime>,
}

/// Why a key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Unknown,
    Expired,
    WrongSessionToken,
}

/// All keys issued so far.
#[derive(Default)]
pub(super) struct KeyRing {
    keys: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    caller: Caller,
    secret: SecretString,
    session_token: Option<SecretString>,
    expires: Option<SystemTime>,
}

/// How long an expired key is still known as such, rather than as unknown.
const REMEMBERED: Duration = Duration::from_secs(3600);

impl KeyRing {
    /// The permanent key of the MCP server.
    pub(super) fn issue_server_key(&self) -> IssuedKey {
        self.issue("AKIA", Caller::Server, None, None)
    }

    /// A temporary key for a role session, valid for `lifetime` from now.
    pub(super) fn issue_session(&self, role: &'static Role, name: String, lifetime: Duration) -> IssuedKey {
        let expires = SystemTime::now() + lifetime;
        self.issue("ASIA", Caller::Session { role, name }, Some(random_secret()), Some(expires))
    }

    /// What a request with this access key must be signed with.
    pub(super) fn secret(&self, access_key: &str) -> Result<SecretString, Refusal> {
        let keys = self.lock();
        Ok(current(&keys, access_key)?.secret.clone())
    }

    /// Whose key it is. The signature has been verified by now; a temporary key needs its session token as well.
    pub(super) fn caller(&self, access_key: &str, session_token: Option<&str>) -> Result<Caller, Refusal> {
        let keys = self.lock();
        let entry = current(&keys, access_key)?;
        let expected = entry.session_token.as_ref().map(ExposeSecret::expose_secret);
        if expected != session_token {
            return Err(Refusal::WrongSessionToken);
        }
        Ok(entry.caller.clone())
    }

    fn issue(
        &self,
        prefix: &str,
        caller: Caller,
        session_token: Option<SecretString>,
        expires: Option<SystemTime>,
    ) -> IssuedKey {
        let access_key = format!("{prefix}{}", &Uuid::new_v4().simple().to_string()[..16]).to_uppercase();
        let secret = random_secret();
        let entry = Entry { caller, secret: secret.clone(), session_token: session_token.clone(), expires };
        let mut keys = self.lock();
        let now = SystemTime::now();
        keys.retain(|_, entry| entry.expires.is_none_or(|at| at + REMEMBERED > now));
        keys.insert(access_key.clone(), entry);
        IssuedKey { access_key, secret, session_token, expires }
    }

    /// Nothing can panic between taking the lock and a complete change, so a poisoned map is still whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn current<'a>(keys: &'a HashMap<String, Entry>, access_key: &str) -> Result<&'a Entry, Refusal> {
    let entry = keys.get(access_key).ok_or(Refusal::Unknown)?;
    match entry.expires {
        Some(at) if at <= SystemTime::now() => Err(Refusal::Expired),
        _ => Ok(entry),
    }
}

impl From<Refusal> for S3Error {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::Unknown => (S3ErrorCode::InvalidAccessKeyId, "this access key does not exist"),
            Refusal::Expired => (S3ErrorCode::ExpiredToken, "the session has expired"),
            Refusal::WrongSessionToken => {
                (S3ErrorCode::InvalidToken, "the session token does not belong to this access key")
            }
        };
        Self::with_message(code, message)
    }
}

/// The framework below wants its own kind of secret; both wipe themselves.
pub(super) fn signing_key(secret: &SecretString) -> SecretKey {
    SecretKey::from(secret.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::super::world::PEOPLE;
    use super::*;

    #[test]
    fn a_temporary_key_needs_its_own_session_token() {
        let keys = KeyRing::default();
        let hour = Duration::from_secs(3600);
        let alice = keys.issue_session(&PEOPLE[0].role, "alice".into(), hour);
        let bob = keys.issue_session(&PEOPLE[2].role, "bob".into(), hour);
        let token =
            |key: &IssuedKey| key.session_token.as_ref().map(|token| token.expose_secret().to_owned());

        assert_eq!(
            keys.caller(&alice.access_key, token(&alice).as_deref()),
            Ok(Caller::Session { role: &PEOPLE[0].role, name: "alice".into() })
        );
        assert_eq!(keys.caller(&alice.access_key, token(&bob).as_deref()), Err(Refusal::WrongSessionToken));
        assert_eq!(keys.caller(&alice.access_key, None), Err(Refusal::WrongSessionToken));
    }

    #[test]
    fn an_expired_key_is_refused_before_its_secret_is_looked_at() {
        let keys = KeyRing::default();
        let key = keys.issue_session(&PEOPLE[0].role, "alice".into(), Duration::ZERO);
        assert!(matches!(keys.secret(&key.access_key), Err(Refusal::Expired)));
        assert!(matches!(keys.secret("ASIANOBODY"), Err(Refusal::Unknown)));
    }
}
