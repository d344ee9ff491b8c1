//! Whose an MCP session is.
//!
//! Sessions exist for clients older than 2026-07-28 that need them, and only if configured. rmcp knows a session by its
//! id alone: whoever presents the id may call in it, listen to it and end it. So each is bound to the principal that
//! opened it, by issuer, tenant and subject and not by the token, which is renewed while the session lives.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::Stream;
use http::request::Parts;
use rmcp::model::{ClientJsonRpcMessage, GetExtensions, JsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::local::{
    LocalSessionManager, LocalSessionManagerError,
};
use rmcp::transport::streamable_http_server::session::{ServerSseMessage, SessionId, SessionManager};

use super::Authenticated;
use crate::domain::principal::Principal;

/// How many sessions there may be, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Of one principal. Clients that reconnect often leave sessions behind, which count until they are idle for long.
    pub per_principal: usize,
    /// Of all principals together.
    pub in_total: usize,
    /// A session in which nothing happens for this long ends. A running call that is silent counts as nothing, so this
    /// is never taken to be less than the call deadline.
    pub idle: Duration,
}

impl SessionLimits {
    /// `in_total` sessions, each until it is idle for `idle`; of one principal no more than 64, which no client comes
    /// near that ends its sessions.
    pub fn of_all(in_total: usize, idle: Duration) -> Self {
        Self { per_principal: 64, in_total, idle }
    }
}

/// Who owns which session.
pub(super) struct Owners {
    limits: SessionLimits,
    by_session: Mutex<HashMap<SessionId, Principal>>,
}

/// Whose a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Own,
    Foreign,
    Nobodys,
}

/// Which limit keeps a session from being opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    ForPrincipal,
    ForAll,
}

impl Owners {
    pub(super) fn new(limits: SessionLimits) -> Arc<Self> {
        Arc::new(Self { limits, by_session: Mutex::default() })
    }

    /// Whether `principal` may open one more.
    pub(super) fn has_room(&self, principal: &Principal) -> Result<(), Full> {
        self.room_in(&self.lock(), principal)
    }

    /// Whose the session is, as `principal` sees it. Only the operator may be told a foreign one from one that never was.
    pub(super) fn whose(&self, principal: &Principal, session: &str) -> Whose {
        match self.lock().get(session) {
            Some(owner) if owner == principal => Whose::Own,
            Some(_) => Whose::Foreign,
            None => Whose::Nobodys,
        }
    }

    fn bind(&self, session: &SessionId, principal: &Principal) -> Result<(), Full> {
        let mut by_session = self.lock();
        self.room_in(&by_session, principal)?;
        by_session.insert(Arc::clone(session), principal.clone());
        Ok(())
    }

    fn release(&self, session: &SessionId) {
        self.lock().remove(session);
    }

    fn room_in(&self, by_session: &HashMap<SessionId, Principal>, principal: &Principal) -> Result<(), Full> {
        if by_session.len() >= self.limits.in_total {
            return Err(Full::ForAll);
        }
        // Sessions are opened rarely and are bounded in number, so counting is cheaper than keeping count.
        if by_session.values().filter(|owner| *owner == principal).count() >= self.limits.per_principal {
            return Err(Full::ForPrincipal);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Principal>> {
        self.by_session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// rmcp's sessions, each entered under its owner before its first answer and struck out when it ends, however it ends.
pub(super) struct OwnedSessions {
    inner: LocalSessionManager,
    owners: Arc<Owners>,
}

impl OwnedSessions {
    pub(super) fn new(owners: Arc<Owners>, idle: Duration) -> Self {
        let mut inner = LocalSessionManager::default();
        inner.session_config.keep_alive = Some(idle);
        Self { inner, owners }
    }
}

/// Why a session cannot be used.
#[derive(Debug)]
pub(super) enum OwnedSessionsError {
    Inner(LocalSessionManagerError),
    Full,
    Anonymous,
}

impl fmt::Display for OwnedSessionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner(error) => error.fmt(f),
            Self::Full => f.write_str("too many sessions"),
            Self::Anonymous => f.write_str("the session has no owner"),
        }
    }
}

impl std::error::Error for OwnedSessionsError {}

impl From<LocalSessionManagerError> for OwnedSessionsError {
    fn from(error: LocalSessionManagerError) -> Self {
        Self::Inner(error)
    }
}

impl SessionManager for OwnedSessions {
    type Error = OwnedSessionsError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        Ok(self.inner.create_session().await?)
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        let bound = match owner(&message) {
            Some(principal) => self.owners.bind(id, principal).map_err(|_| OwnedSessionsError::Full),
            None => Err(OwnedSessionsError::Anonymous),
        };
        if let Err(error) = bound {
            self.inner.close_session(id).await?;
            return Err(error);
        }
        Ok(self.inner.initialize_session(id, message).await?)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        Ok(self.inner.has_session(id).await?)
    }

    /// rmcp calls this on DELETE and whenever a session's worker ends.
    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        self.owners.release(id);
        Ok(self.inner.close_session(id).await?)
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.inner.create_stream(id, message).await?)
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        Ok(self.inner.accept_message(id, message).await?)
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.inner.create_standalone_stream(id).await?)
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.inner.resume(id, last_event_id).await?)
    }
}

fn owner(message: &ClientJsonRpcMessage) -> Option<&Principal> {
    let JsonRpcMessage::Request(request) = message else { return None };
    let parts = request.request.extensions().get::<Parts>()?;
    Some(&parts.extensions.get::<Arc<Authenticated>>()?.principal)
}
