//! A registry that says, at each request, whether it knows the bearer of a token: for issuers whose secret this server does
//! not have.
//!
//! Strangers can make up tokens without end, and neither the registry nor anybody else here is to suffer from it. So equal
//! tokens share one question; only so many questions are under way, and who gets no turn in time is told to come again; and
//! what the registry does not know is not asked again for a while (`refused`).
//!
//! That it knows somebody is never remembered. It counts for the requests that wait for that answer, those among them that came
//! while the question was under way, and the next one asks anew: who has lost their account is out at the latest when that
//! question has ended. Everything goes by the digest of the whole token, as the answer is about nothing less.

mod refused;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use self::refused::Refused;
use super::AuthError;
use crate::client::fetch::Fetch;
use crate::client::registry::vouching::knows_bearer;
use crate::domain::grant::{CallerToken, TokenDigest};
use crate::domain::registry::{RegistryPass, RegistryUrl};

/// What strangers can make a server ask and remember.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// How many questions are under way at the most.
    pub(super) at_once: usize,
    /// How long a request waits for its turn to ask.
    pub(super) patience: Duration,
    /// How long the registry may take to answer.
    pub(super) answer: Duration,
    /// For how long a token that the registry does not know is not asked about again.
    pub(super) refused_for: Duration,
    /// How many such tokens are remembered.
    pub(super) most_refused: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            at_once: 32,
            patience: Duration::from_secs(1),
            answer: Duration::from_secs(5),
            refused_for: Duration::from_secs(10),
            most_refused: 10_000,
        }
    }
}

/// What became of the questions to a registry since the start. For the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Questions<'a> {
    /// Whose tokens they were about, as the configuration has it.
    pub issuer: &'a str,
    /// To how many the registry said that it knows the bearer.
    pub known: u64,
    /// To how many it said that it does not.
    pub unknown: u64,
    /// To how many it said nothing of use.
    pub unanswered: u64,
    /// How many of these came after the last that was answered.
    pub failing: u64,
}

/// What a registry says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Known,
    Unknown,
    /// Nothing of use.
    Silence,
}

/// The registry of one issuer.
pub(super) struct Vouching(Arc<Shared>);

struct Shared {
    registry: RegistryUrl,
    fetch: Arc<dyn Fetch>,
    bounds: Bounds,
    turns: Arc<Semaphore>,
    tokens: Mutex<Tokens>,
}

/// How it stands with the tokens that were shown to it.
#[derive(Default)]
struct Tokens {
    /// What it is being asked about, and how to hear of the answer.
    under_way: HashMap<TokenDigest, watch::Receiver<Option<Answer>>>,
    refused: Refused,
    counts: Counts,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    known: u64,
    unknown: u64,
    unanswered: u64,
    failing: u64,
}

/// What can be done about a token now.
enum Stand {
    Refused,
    Awaited(watch::Receiver<Option<Answer>>),
    /// It has to be asked about, and that takes a turn.
    Unasked,
}

impl Vouching {
    pub(super) fn by(registry: RegistryUrl, fetch: Arc<dyn Fetch>, bounds: Bounds) -> Self {
        let turns = Arc::new(Semaphore::new(bounds.at_once));
        Self(Arc::new(Shared { registry, fetch, bounds, turns, tokens: Mutex::default() }))
    }

    pub(super) fn questions(&self) -> Questions<'_> {
        let Counts { known, unknown, unanswered, failing } = self.0.lock().counts;
        Questions { issuer: self.0.registry.as_str(), known, unknown, unanswered, failing }
    }

    /// Lets pass what the registry knows the bearer of.
    ///
    /// # Errors
    ///
    /// `NotVouchedFor`: it does not. `RegistrySilent` and `RegistryBusy`: it did not say, or could not be asked.
    pub(super) async fn knows(&self, token: &str) -> Result<(), AuthError> {
        let token = CallerToken::new(token);
        let stand = match self.0.stand(&token, None) {
            // While the turn came, somebody else may have asked.
            Stand::Unasked => self.0.stand(&token, Some(self.turn().await?)),
            stand => stand,
        };
        let mut awaited = match stand {
            Stand::Refused => return Err(AuthError::NotVouchedFor),
            Stand::Unasked => return Err(AuthError::RegistryBusy),
            Stand::Awaited(awaited) => awaited,
        };
        let answer = awaited.wait_for(Option::is_some).await.ok().and_then(|answer| *answer);
        match answer.unwrap_or(Answer::Silence) {
            Answer::Known => Ok(()),
            Answer::Unknown => Err(AuthError::NotVouchedFor),
            Answer::Silence => Err(AuthError::RegistrySilent),
        }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, AuthError> {
        let turn = Arc::clone(&self.0.turns).acquire_owned();
        match timeout(self.0.bounds.patience, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(AuthError::RegistryBusy),
        }
    }
}

impl Shared {
    /// How it stands with this token. With a turn the question is put, if it has to be.
    fn stand(self: &Arc<Self>, token: &CallerToken, turn: Option<OwnedSemaphorePermit>) -> Stand {
        let digest = token.digest();
        let mut tokens = self.lock();
        if tokens.refused.has(&digest, Instant::now()) {
            return Stand::Refused;
        }
        if let Some(awaited) = tokens.under_way.get(&digest) {
            return Stand::Awaited(awaited.clone());
        }
        let Some(turn) = turn else { return Stand::Unasked };
        let (told, awaited) = watch::channel(None);
        tokens.under_way.insert(digest, awaited.clone());
        drop(tokens);
        let question = Question { shared: Arc::clone(self), token: token.clone(), _turn: turn };
        // In a task of its own: whoever asks and goes away would else make room for a question more, while the registry
        // is still at work on the last.
        tokio::spawn(question.put(told).in_current_span());
        Stand::Awaited(awaited)
    }

    fn lock(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question under way, and its turn.
struct Question {
    shared: Arc<Shared>,
    token: CallerToken,
    _turn: OwnedSemaphorePermit,
}

impl Question {
    async fn put(self, told: watch::Sender<Option<Answer>>) {
        let answer = self.answer().await;
        self.note(answer);
        // Whoever comes from now on asks anew, so that nobody gets an answer that was there before.
        drop(self);
        told.send_replace(Some(answer));
    }

    async fn answer(&self) -> Answer {
        let pass = RegistryPass { registry: self.shared.registry.clone(), token: self.token.clone() };
        match knows_bearer(&*self.shared.fetch, &pass, self.shared.bounds.answer).await {
            Ok(true) => Answer::Known,
            Ok(false) => Answer::Unknown,
            Err(why) => {
                tracing::warn!(registry = %pass.registry, why, "the registry does not say whose token it is");
                Answer::Silence
            }
        }
    }

    fn note(&self, answer: Answer) {
        let (bounds, mut tokens) = (&self.shared.bounds, self.shared.lock());
        let counts = &mut tokens.counts;
        match answer {
            Answer::Known => counts.known += 1,
            Answer::Unknown => counts.unknown += 1,
            Answer::Silence => counts.unanswered += 1,
        }
        counts.failing = if answer == Answer::Silence { counts.failing + 1 } else { 0 };
        if answer == Answer::Unknown {
            tokens.refused.add(self.token.digest(), Instant::now(), bounds.refused_for, bounds.most_refused);
        }
    }
}

/// However it ends.
impl Drop for Question {
    fn drop(&mut self) {
        self.shared.lock().under_way.remove(&self.token.digest());
    }
}

#[cfg(test)]
mod tests;
