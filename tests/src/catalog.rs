//! The registry of a stock Quilt catalog: it issues tokens that say `id`, `uuid` and `exp`, knows which of them still count, says
//! whose one is, and gives each of its people their own AWS credentials. It remembers whose token it was shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

use crate::Result;
use crate::key_server::{head, response};
use crate::token::{TokenMint, now};
use crate::world::{Person, World};

/// Seconds for which it issues tokens.
const LIFETIME: u64 = 1800;
/// How long clients may take to come, or to hang up on what they have given up.
const SETTLING: Duration = Duration::from_secs(20);

/// A running registry. It ends with the test's runtime.
pub struct CatalogRegistry {
    origin: String,
    state: Arc<Mutex<State>>,
    /// Signs its tokens.
    pub mint: TokenMint,
}

/// What it was asked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which token it was shown: its SHA-256, in hexadecimal.
    pub token_sha256: String,
    /// Whose that is, if it counts.
    pub person: Option<u64>,
}

#[derive(Default)]
struct State {
    /// What each is given.
    credentials: BTreeMap<u64, String>,
    /// The tokens that count, by person and `uuid`.
    live: BTreeSet<(u64, String)>,
    mood: Mood,
    asked: Vec<Asked>,
    /// When each of these came.
    came: Vec<Instant>,
    /// How many requests it has now, and had at once at the most.
    at_once: watch::Sender<usize>,
    most_at_once: usize,
}

#[derive(Clone, Default)]
enum Mood {
    #[default]
    Sound,
    Says(String),
    Hangs,
}

#[derive(Clone, Deserialize)]
struct Claims {
    id: u64,
    uuid: String,
}

impl CatalogRegistry {
    /// On a free port of loopback, with a fresh secret.
    ///
    /// # Errors
    /// If there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let registry = Self { origin, state: Arc::default(), mint: TokenMint::new("none", "none") };
        let (state, secret) = (Arc::clone(&registry.state), registry.mint.secret().to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&state), secret.clone()));
            }
        });
        Ok(registry)
    }

    /// Without a path.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// As [`table`], for this one.
    pub fn table(&self, tenant: &str, secret_file: &str) -> String {
        table(&self.origin, tenant, secret_file)
    }

    /// Somebody has an account, with the rights of their role. Their `id`.
    ///
    /// # Errors
    /// If STS refuses.
    pub async fn enrol(&self, world: &World, person: &Person) -> Result<u64> {
        let credentials = world.registry_credentials(person).await?;
        let mut state = self.lock();
        let id = 1 + state.credentials.len() as u64;
        state.credentials.insert(id, credentials);
        Ok(id)
    }

    /// A token for whoever has this `id`, as they get it when they sign in.
    ///
    /// # Errors
    /// If it cannot be signed.
    pub fn issue(&self, id: u64) -> Result<String> {
        let uuid = Uuid::new_v4().to_string();
        self.lock().live.insert((id, uuid.clone()));
        token(&self.mint, id, &uuid)
    }

    /// None of this person's tokens counts any longer.
    pub fn revoke(&self, id: u64) {
        self.lock().live.retain(|(whose, _)| *whose != id);
    }

    /// From now on it answers so, whoever asks.
    pub fn says(&self, head: &str) {
        self.says_all(head, "");
    }

    /// The same, with a body.
    pub fn says_all(&self, head: &str, body: &str) {
        self.lock().mood = Mood::Says(response(head, body));
    }

    /// From now on it takes requests and says nothing.
    pub fn hangs(&self) {
        self.lock().mood = Mood::Hangs;
    }

    /// From now on it is sound again.
    pub fn recovers(&self) {
        self.lock().mood = Mood::Sound;
    }

    /// All that it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    /// How many requests it had at once at the most, since it [became idle](Self::becomes_idle). One that its client has given up
    /// counts until the client's hanging up is seen here, which may be a moment later.
    pub fn most_at_once(&self) -> usize {
        self.lock().most_at_once
    }

    /// How many requests came within any stretch of time of this length at the most.
    pub fn most_within(&self, stretch: Duration) -> usize {
        most_within(&self.lock().came, stretch)
    }

    /// Waits until it has no request, and counts anew how many it has at once.
    ///
    /// # Errors
    /// If somebody does not hang up.
    pub async fn becomes_idle(&self) -> Result<()> {
        self.comes_to_have(0).await?;
        self.lock().most_at_once = 0;
        Ok(())
    }

    /// Waits until it has so many requests.
    ///
    /// # Errors
    /// If it does not get them, or its clients do not hang up.
    pub async fn comes_to_have(&self, many: usize) -> Result<()> {
        let mut at_once = self.lock().at_once.subscribe();
        tokio::time::timeout(SETTLING, at_once.wait_for(|now| *now == many)).await??;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// In the order in which they came.
fn most_within(came: &[Instant], stretch: Duration) -> usize {
    let from = |first: usize| came[first..].iter().take_while(|at| **at - came[first] < stretch).count();
    (0..came.len()).map(from).max().unwrap_or_default()
}

/// The table by which a server believes the tokens of a catalog whose registry is at `origin`: all its people are of `tenant`, and
/// its secret is in that file.
pub fn table(origin: &str, tenant: &str, secret_file: &str) -> String {
    format!(
        "[[issuer]]\ntokens = \"catalog\"\ncredentials = \"registry\"\nregistry_url = {origin:?}\ntenants = [{tenant:?}]\n\
         secret_file = {secret_file:?}\n"
    )
}

/// The same without the secret: the registry vouches.
pub fn table_without_secret(origin: &str, tenant: &str) -> String {
    let table = table(origin, tenant, "");
    table.lines().filter(|line| !line.starts_with("secret_file")).map(|line| format!("{line}\n")).collect()
}

/// What a catalog whose tokens this mint signs issues for whoever has this `id`.
///
/// # Errors
/// If it cannot be signed.
pub fn token(mint: &TokenMint, id: u64, uuid: &str) -> Result<String> {
    let claims = json!({"id": id, "uuid": uuid, "exp": now() + LIFETIME});
    mint.sign(r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string())
}

/// As [`Asked`] has it.
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>, secret: String) {
    let Some(head) = whole(&mut stream).await else { return };
    let (answer, mood) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.came.push(Instant::now());
        state.at_once.send_modify(|now| *now += 1);
        let now = *state.at_once.borrow();
        state.most_at_once = state.most_at_once.max(now);
        let answer = state.judge(&head, &secret);
        (answer, state.mood.clone())
    };
    let answer = match mood {
        Mood::Sound => answer,
        Mood::Says(told) => told,
        // Until the client hangs up.
        Mood::Hangs => {
            let _ = stream.read(&mut [0]).await;
            String::new()
        }
    };
    // Before it is said: who has the answer may ask again.
    state.lock().unwrap_or_else(PoisonError::into_inner).at_once.send_modify(|now| *now -= 1);
    // Who hangs up does not want the answer.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// The head of a request, once its body is there too: what is not read would reset the connection when it is closed.
async fn whole(stream: &mut TcpStream) -> Option<String> {
    let mut text = head(stream).await?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
    });
    let mut rest = vec![0; length.unwrap_or_default().saturating_sub(body.len())];
    let end = head.len();
    stream.read_exact(&mut rest).await.ok()?;
    text.truncate(end);
    Some(text)
}

impl State {
    fn judge(&mut self, head: &str, secret: &str) -> String {
        let bearer = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("authorization").then(|| value.strip_prefix("Bearer "))?
        });
        let token = bearer.unwrap_or_default();
        let mut rules = Validation::new(Algorithm::HS256);
        rules.validate_aud = false;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(secret.as_bytes()), &rules);
        let person = claims
            .ok()
            .map(|token| (token.claims.id, token.claims.uuid))
            .filter(|token| self.live.contains(token))
            .map(|(id, _)| id);
        self.asked.push(Asked { token_sha256: digest(token), person });
        let given = person.and_then(|id| self.credentials.get(&id));
        let (status, body) = match given {
            Some(credentials) if head.starts_with("GET /api/auth/get_credentials ") => {
                ("200 OK", credentials.as_str())
            }
            // Answers any question so, since only this one is asked.
            Some(_) if head.starts_with("POST /graphql ") => {
                ("200 OK", r#"{"data":{"me":{"name":"somebody"}}}"#)
            }
            Some(_) => ("404 Not Found", "{}"),
            None => ("401 Unauthorized", "{}"),
        };
        response(&format!("{status}\r\ncontent-type: application/json"), body)
    }
}
