//! Who is taken for whom.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, header};
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::transport::{AuthFailure, Authenticate, Authenticated};
use quilt_tests::oracle::population::{Population, signed};
use quilt_tests::token::now;
use serde_json::{Map, Value};

use super::{Fault, lock};
use crate::wiring::{Asker, Scene};

type Answer<'a> = BoxFuture<'a, Result<Authenticated, AuthFailure>>;

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// A check that is not made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Signature,
    Expiry,
    NotBefore,
    Audience,
    Issuer,
}

/// Does not make one check: what it would have refused is made good before the sound verifier sees it.
pub(super) struct Lenient(pub(super) Check);

struct LenientAsker {
    sound: Asker,
    population: Arc<Population>,
    unchecked: Check,
}

impl Fault for Lenient {
    fn authenticate(&self, sound: Asker, scene: &Scene) -> Asker {
        let population = Arc::clone(&scene.population);
        Arc::new(LenientAsker { sound, population, unchecked: self.0 })
    }
}

impl LenientAsker {
    fn made_good(&self, token: &str) -> Option<String> {
        let (message, signature) = token.rsplit_once('.')?;
        let body = BASE64_URL_SAFE_NO_PAD.decode(message.split('.').nth(1)?).ok()?;
        let mut claims: Map<String, Value> = serde_json::from_slice(&body).ok()?;
        let issuer = self.population.issuers.iter().find(|issuer| claims["iss"] == issuer.issuer.as_str())?;
        let fits = |mint: &quilt_tests::token::TokenMint| {
            signed(mint, &claims).rsplit_once('.').is_some_and(|(_, good)| good == signature)
        };
        let good = match self.unchecked {
            Check::Signature => true,
            Check::Issuer => self.population.issuers.iter().any(fits),
            _ => fits(issuer),
        };
        match self.unchecked {
            Check::Expiry => claims.insert("exp".into(), (now() + 600).into()),
            Check::NotBefore => claims.remove("nbf"),
            Check::Audience => claims.insert("aud".into(), issuer.audience.clone().into()),
            Check::Signature | Check::Issuer => None,
        };
        good.then(|| signed(issuer, &claims))
    }
}

impl Authenticate for LenientAsker {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Answer<'a> {
        async move {
            let mut headers = headers.clone();
            if let Some(token) = bearer(&headers).and_then(|token| self.made_good(token)) {
                let value = HeaderValue::try_from(format!("Bearer {token}"));
                headers.insert(header::AUTHORIZATION, value.expect("a token is plain"));
            }
            self.sound.authenticate(&headers).await
        }
        .boxed()
    }
}

/// The configuration has a `*` too many.
pub(super) struct AnyRole;

impl Fault for AnyRole {
    fn trusts_any_role(&self) -> bool {
        true
    }
}

type Key = fn(&str, &HeaderMap) -> String;

/// Who was verified under a key is who comes with it. An empty key is none.
pub(super) struct Remembered(Key);

struct RememberedAsker {
    sound: Asker,
    key: Key,
    known: Mutex<HashMap<String, Authenticated>>,
}

impl Remembered {
    pub(super) fn by(key: Key) -> Self {
        Self(key)
    }
}

/// The session's id.
pub(super) fn session(_: &str, headers: &HeaderMap) -> String {
    text(headers, "mcp-session-id").unwrap_or_default().to_owned()
}

pub(super) fn short_hash(token: &str, _: &HeaderMap) -> String {
    (token.bytes().fold(0_u8, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte)) & 15).to_string()
}

impl Fault for Remembered {
    fn authenticate(&self, sound: Asker, _: &Scene) -> Asker {
        Arc::new(RememberedAsker { sound, key: self.0, known: Mutex::default() })
    }
}

impl Authenticate for RememberedAsker {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Answer<'a> {
        async move {
            let key = (self.key)(bearer(headers).unwrap_or_default(), headers);
            if let Some(known) = lock(&self.known).get(&key).filter(|_| !key.is_empty()) {
                return Ok(known.clone());
            }
            let found = self.sound.authenticate(headers).await?;
            lock(&self.known).insert(key, found.clone());
            Ok(found)
        }
        .boxed()
    }
}

/// Passes the token on, as if AWS had to judge it.
pub(super) struct Forwards;

struct ForwardingAsker(Asker);

impl Fault for Forwards {
    fn authenticate(&self, sound: Asker, _: &Scene) -> Asker {
        Arc::new(ForwardingAsker(sound))
    }
}

impl Authenticate for ForwardingAsker {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Answer<'a> {
        async move {
            let mut found = self.0.authenticate(headers).await?;
            if let Grant::AssumeRole(role) = &mut found.grant {
                role.session_policy = bearer(headers).map(Arc::from);
            }
            Ok(found)
        }
        .boxed()
    }
}

/// The name is the session's, the authority the token's.
#[derive(Default)]
pub(super) struct NameOfSession(Arc<Mutex<HashMap<String, Principal>>>);

struct NameOfSessionAsker(Asker, Arc<Mutex<HashMap<String, Principal>>>);

impl Fault for NameOfSession {
    fn authenticate(&self, sound: Asker, _: &Scene) -> Asker {
        Arc::new(NameOfSessionAsker(sound, Arc::clone(&self.0)))
    }
}

impl Authenticate for NameOfSessionAsker {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Answer<'a> {
        async move {
            let mut found = self.0.authenticate(headers).await?;
            if let Some(session) = text(headers, "mcp-session-id") {
                let mut names = lock(&self.1);
                found.principal = names.entry(session.to_owned()).or_insert(found.principal).clone();
            }
            Ok(found)
        }
        .boxed()
    }
}

/// A variable of the process between verifying and asking who was verified.
#[derive(Default)]
pub(super) struct LastVerified(Arc<Mutex<Option<Authenticated>>>);

struct LastVerifiedAsker(Asker, Arc<Mutex<Option<Authenticated>>>);

impl Fault for LastVerified {
    fn authenticate(&self, sound: Asker, _: &Scene) -> Asker {
        Arc::new(LastVerifiedAsker(sound, Arc::clone(&self.0)))
    }
}

impl Authenticate for LastVerifiedAsker {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Answer<'a> {
        async move {
            let found = self.0.authenticate(headers).await?;
            *lock(&self.1) = Some(found.clone());
            tokio::task::yield_now().await;
            Ok(lock(&self.1).clone().unwrap_or(found))
        }
        .boxed()
    }
}

/// A proxy is thought to have set the header.
#[derive(Default)]
pub(super) struct BelievesHeaders(Arc<Mutex<HashMap<String, Principal>>>);

struct BelievesHeadersAsker(Asker, Arc<Mutex<HashMap<String, Principal>>>);

impl Fault for BelievesHeaders {
    fn authenticate(&self, sound: Asker, _: &Scene) -> Asker {
        Arc::new(BelievesHeadersAsker(sound, Arc::clone(&self.0)))
    }
}

impl Authenticate for BelievesHeadersAsker {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Answer<'a> {
        async move {
            let mut found = self.0.authenticate(headers).await?;
            let own = format!("{}/{}", found.principal.tenant(), found.principal.subject());
            lock(&self.1).entry(own).or_insert_with(|| found.principal.clone());
            let claimed = text(headers, "x-forwarded-user").and_then(|name| lock(&self.1).get(name).cloned());
            found.principal = claimed.unwrap_or(found.principal);
            Ok(found)
        }
        .boxed()
    }
}

/// Who does not say is taken for whoever said last.
#[derive(Default)]
pub(super) struct LastIfNone(Arc<Mutex<Option<Authenticated>>>);

struct LastIfNoneAsker(Asker, Arc<Mutex<Option<Authenticated>>>);

impl Fault for LastIfNone {
    fn authenticate(&self, sound: Asker, _: &Scene) -> Asker {
        Arc::new(LastIfNoneAsker(sound, Arc::clone(&self.0)))
    }
}

impl Authenticate for LastIfNoneAsker {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Answer<'a> {
        async move {
            let last = lock(&self.1).clone();
            if let Some(last) = last.filter(|_| bearer(headers).is_none()) {
                return Ok(last);
            }
            let found = self.0.authenticate(headers).await?;
            *lock(&self.1) = Some(found.clone());
            Ok(found)
        }
        .boxed()
    }
}
