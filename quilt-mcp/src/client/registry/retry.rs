//! A second and a third try, for questions that change nothing.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::client::fetch::{FetchError, Fetched, Lack};

/// How long to wait before trying again, at the most.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// Asks until there is an answer that does not look passing, at most three times and `within` that time.
pub(super) async fn reading<F>(within: Duration, ask: impl Fn(Duration) -> F) -> Result<Fetched, FetchError>
where
    F: Future<Output = Result<Fetched, FetchError>>,
{
    with_pauses(PAUSES, within, ask).await
}

async fn with_pauses<F>(
    pauses: [Duration; 2],
    within: Duration,
    ask: impl Fn(Duration) -> F,
) -> Result<Fetched, FetchError>
where
    F: Future<Output = Result<Fetched, FetchError>>,
{
    let end = Instant::now() + within;
    for most in pauses {
        let answer = ask(end.saturating_duration_since(Instant::now())).await;
        let pause = jittered(most);
        if !is_passing(&answer) || Instant::now() + pause >= end {
            return answer;
        }
        tokio::time::sleep(pause).await;
    }
    ask(end.saturating_duration_since(Instant::now())).await
}

fn is_passing(answer: &Result<Fetched, FetchError>) -> bool {
    match answer {
        Ok(answer) => matches!(answer.status, 429 | 502 | 503 | 504),
        Err(error) => error.lack() == Lack::Unreachable,
    }
}

/// Between half of it and all of it, so that callers who failed together do not come back together.
fn jittered(most: Duration) -> Duration {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    most / 2 + (most / 2).mul_f64((random % 1000) as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn asked(answers: &[u16]) -> (usize, u16) {
        let count = Cell::new(0);
        let answer = with_pauses([Duration::ZERO; 2], Duration::from_secs(60), |_| {
            let status = answers[count.get()];
            count.set(count.get() + 1);
            async move {
                match status {
                    0 => Err(FetchError::new("down")),
                    status => Ok(Fetched { status, body: Vec::new().into(), max_age: None }),
                }
            }
        });
        let status = answer.await.map_or(0, |answer| answer.status);
        (count.get(), status)
    }

    #[tokio::test]
    async fn what_passes_is_tried_three_times_and_everything_else_once() {
        assert_eq!(asked(&[200]).await, (1, 200));
        assert_eq!(asked(&[503, 200]).await, (2, 200));
        assert_eq!(asked(&[0, 502, 200]).await, (3, 200));
        assert_eq!(asked(&[429, 504, 503]).await, (3, 503));
        for final_answer in [302, 400, 401, 403, 404, 500] {
            assert_eq!(asked(&[final_answer]).await, (1, final_answer));
        }
    }

    #[tokio::test]
    async fn no_try_begins_after_the_end() {
        let count = Cell::new(0);
        let answer = reading(Duration::from_millis(1), |_| {
            count.set(count.get() + 1);
            async { Err(FetchError::new("down")) }
        });
        assert!(answer.await.is_err());
        assert_eq!(count.get(), 1);
    }
}
