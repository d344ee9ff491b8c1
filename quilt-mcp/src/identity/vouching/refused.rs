//! Tokens that a registry did not know, for a while: a client that repeats a bad one costs one question.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::grant::TokenDigest;

/// Which tokens are refused without a question, and until when.
#[derive(Default)]
pub(super) struct Refused {
    until: HashMap<TokenDigest, Instant>,
    /// The oldest first. All are kept equally long, so that they end in this order.
    order: VecDeque<TokenDigest>,
}

impl Refused {
    pub(super) fn has(&self, token: &TokenDigest, now: Instant) -> bool {
        self.until.get(token).is_some_and(|until| *until > now)
    }

    /// Adds one for so long. Where there are `most` already, the oldest is forgotten.
    pub(super) fn add(&mut self, token: TokenDigest, now: Instant, how_long: Duration, most: usize) {
        while let Some(oldest) = self.order.front()
            && (self.order.len() >= most || !self.has(oldest, now))
        {
            self.until.remove(oldest);
            self.order.pop_front();
        }
        if most > 0 && self.until.insert(token, now + how_long).is_none() {
            self.order.push_back(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHILE: Duration = Duration::from_secs(10);

    fn token(number: usize) -> TokenDigest {
        TokenDigest::of(&format!("token-{number}"))
    }

    #[test]
    fn what_is_refused_is_so_for_its_time_and_nothing_else_is() {
        let (mut refused, now) = (Refused::default(), Instant::now());
        refused.add(token(1), now, WHILE, 10);
        assert!(
            refused.has(&token(1), now) && refused.has(&token(1), now + WHILE - Duration::from_millis(1))
        );
        assert!(!refused.has(&token(1), now + WHILE) && !refused.has(&token(2), now));
    }

    #[test]
    fn there_are_never_more_than_that_and_none_that_has_ended() {
        let (mut refused, now) = (Refused::default(), Instant::now());
        for number in 0..1_000 {
            refused.add(token(number), now, WHILE, 10);
            assert!(refused.has(&token(number), now));
            assert!(refused.order.len() <= 10 && refused.until.len() == refused.order.len());
        }
        assert!(!refused.has(&token(989), now) && refused.has(&token(990), now));
        refused.add(token(0), now + WHILE, WHILE, 10);
        assert_eq!((refused.order.len(), refused.until.len()), (1, 1));
        // One that has ended and comes again is as good as new.
        refused.add(token(0), now + 2 * WHILE, WHILE, 10);
        assert!(refused.has(&token(0), now + 2 * WHILE));
        assert_eq!((refused.order.len(), refused.until.len()), (1, 1));
    }

    #[test]
    fn no_room_is_no_memory() {
        let (mut refused, now) = (Refused::default(), Instant::now());
        refused.add(token(1), now, WHILE, 0);
        assert!(!refused.has(&token(1), now) && refused.order.is_empty());
    }
}
