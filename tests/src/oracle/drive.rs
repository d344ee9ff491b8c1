//! Sends the requests of a run, many at once, and has every answer judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::door::Door;
use super::judge::Judge;
use super::moves::{Memory, Move, Outcome, misfit};
use super::population::Population;
use super::random::Random;
use crate::Result;

/// One in so many callers goes away before the answer.
const IMPATIENT: usize = 16;
/// How long such a caller waits at most.
const PATIENCE: Duration = Duration::from_millis(40);
/// Longer than any answer takes.
const FOR_EVER: Duration = Duration::from_secs(300);

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// What is drawn follows from it.
    pub seed: u64,
    /// How many requests, sessions not counted.
    pub requests: u64,
    /// How many are under way at any time.
    pub together: usize,
    /// Whether to stop at the first finding.
    pub until_found: bool,
}

struct Driver {
    door: Door,
    judge: Arc<Judge>,
    population: Arc<Population>,
    memory: Memory,
    run: Run,
    next: AtomicU64,
}

/// Everybody opens a session, and then all is sent.
///
/// # Errors
/// If a session cannot be opened, or the driver itself fails.
pub async fn drive(door: Door, judge: Arc<Judge>, population: Arc<Population>, run: Run) -> Result<()> {
    let memory = Memory::new(Arc::clone(&population));
    let driver = Arc::new(Driver { door, judge, population, memory, run, next: AtomicU64::new(0) });
    let mut tasks = JoinSet::new();
    for worker in 0..run.together {
        let driver = Arc::clone(&driver);
        tasks.spawn(async move { driver.open_sessions(worker).await });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    for _ in 0..run.together {
        let driver = Arc::clone(&driver);
        tasks.spawn(async move {
            driver.work().await;
            Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

impl Driver {
    async fn open_sessions(&self, worker: usize) -> Result<()> {
        for person in (worker..self.population.people.len()).step_by(self.run.together) {
            let Move { asked, request, .. } = self.memory.greeting(person);
            let response = self.door.send(request).await?;
            self.judge.reads(asked, None, &response);
            let session = response.headers.get("mcp-session-id").and_then(|id| id.to_str().ok());
            match session {
                Some(session) => self.memory.has_session(person, session),
                None => return Err(format!("no session: {}", String::from_utf8_lossy(&response.body)).into()),
            }
        }
        Ok(())
    }

    async fn work(&self) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let found = self.run.until_found && self.judge.first_finding().is_cancelled();
            if number >= self.run.requests || found {
                return;
            }
            self.play(number).await;
        }
    }

    async fn play(&self, number: u64) {
        let Move { asked, named, tool, request, expect, lesson } = self.memory.draw(self.run.seed, number);
        // Another sequence than the one that the request was drawn from.
        let mut random = Random::of(!self.run.seed, number);
        let impatient = random.once_in(IMPATIENT);
        let patience =
            if impatient { PATIENCE.mul_f64(random.below(1000) as f64 / 1000.0) } else { FOR_EVER };
        match tokio::time::timeout(patience, self.door.send(request)).await {
            Err(_) if impatient => self.judge.counts_gone(),
            Err(_) => self.judge.finds(|| format!("no answer to {asked:?} within {FOR_EVER:?}")),
            Ok(Err(problem)) => self.judge.finds(|| format!("no answer to {asked:?}: {problem}")),
            Ok(Ok(response)) => {
                self.judge.reads(asked, named, &response);
                if let Some(what) = tool.and_then(|tool| misfit(&tool, &response)) {
                    self.judge
                        .finds(|| format!("{asked:?} gets what the tool's schema does not allow: {what}"));
                }
                match (expect.judge(&self.population.people[asked.person], &response), lesson) {
                    (Err(what), _) => self.judge.finds(|| format!("{asked:?} {what}")),
                    (Ok(Outcome::Right(Some(answer))), Some(lesson)) => {
                        self.memory.learns(asked.person, lesson, &answer);
                    }
                    (Ok(Outcome::Late), _) => self.judge.counts_late(),
                    (Ok(Outcome::Right(_)), _) => {}
                }
            }
        }
    }
}
