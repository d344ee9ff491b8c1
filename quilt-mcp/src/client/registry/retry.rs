//! A second and a third try, for questions that change nothing.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::client::fetch::{FetchError, Fetched, Lack};

/// How long to wait before trying again, at the most; and after what the registry asks for, if it asks.
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
        let Some(pause) = pause(&answer, most, end.saturating_duration_since(Instant::now())) else {
            return answer;
        };
        tokio::time::sleep(pause).await;
    }
    ask(end.saturating_duration_since(Instant::now())).await
}

/// How long to wait before asking again, if that makes sense with so much time left.
fn pause(answer: &Result<Fetched, FetchError>, most: Duration, left: Duration) -> Option<Duration> {
    let asked_for = answer.as_ref().ok().and_then(|answer| answer.retry_after).unwrap_or_default();
    let pause = asked_for.saturating_add(jittered(most));
    // Who is asked to wait for longer than there is time does not come back sooner, but gives up.
    (is_passing(answer) && pause < left).then_some(pause)
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

    fn answered(status: u16, retry_after: Option<Duration>) -> Result<Fetched, FetchError> {
        match status {
            0 => Err(FetchError::new("down")),
            status => Ok(Fetched { retry_after, ..Fetched::answering(status, "") }),
        }
    }

    async fn asked(answers: &[u16]) -> (usize, u16) {
        let count = Cell::new(0);
        let answer = with_pauses([Duration::ZERO; 2], Duration::from_secs(60), |_| {
            let status = answers[count.get()];
            count.set(count.get() + 1);
            async move { answered(status, None) }
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

    #[test]
    fn a_registry_that_asks_for_a_wait_gets_it_or_is_not_asked_again() {
        let seconds = Duration::from_secs;
        let after =
            |asked: u64, left: u64| pause(&answered(429, Some(seconds(asked))), seconds(1), seconds(left));
        assert!(after(7, 60).is_some_and(|pause| pause >= seconds(7) && pause <= seconds(8)));
        assert_eq!((after(7, 5), after(u64::MAX, 60)), (None, None));
        assert!(pause(&answered(429, None), seconds(1), seconds(60)) <= Some(seconds(1)));
        assert_eq!(pause(&answered(200, Some(seconds(1))), seconds(1), seconds(60)), None);
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
