//! Figures of the keys that issuers publish, and of the questions to registries that vouch for their tokens. Issuers come from
//! the configuration, so their number is the operator's.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::labels::{FetchOutcome, QuestionOutcome};
use crate::identity::{PublishedKeys, Questions};

/// How many keys each issuer has, how old they are, and what became of fetching them; or of the questions in their place.
#[derive(Default)]
pub struct IssuerFigures {
    usable: Family<IssuerLabel, Gauge>,
    age: Family<IssuerLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    fetches: Family<FetchLabel, Counter>,
    questions: Family<QuestionLabel, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct IssuerLabel {
    issuer: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FetchLabel {
    issuer: String,
    outcome: FetchOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QuestionLabel {
    issuer: String,
    outcome: QuestionOutcome,
}

/// Takes over a count that was read elsewhere. Of two who look at once the one with the older may come last, and a counter never
/// goes backwards.
fn reach(counter: &Counter, count: u64) {
    counter.inner().fetch_max(count, std::sync::atomic::Ordering::Relaxed);
}

impl IssuerFigures {
    /// Takes over what the issuers' caches say now.
    pub fn look(&self, all: &[PublishedKeys<'_>]) {
        for keys in all {
            let issuer = || keys.issuer.to_owned();
            let usable = i64::try_from(keys.usable).unwrap_or(i64::MAX);
            self.usable.get_or_create(&IssuerLabel { issuer: issuer() }).set(usable);
            self.age.get_or_create(&IssuerLabel { issuer: issuer() }).set(keys.age.as_secs_f64());
            for outcome in FetchOutcome::ALL.iter().copied() {
                let count = match outcome {
                    FetchOutcome::Ok => keys.fetched,
                    FetchOutcome::Failed => keys.failed,
                };
                let counter = self.fetches.get_or_create(&FetchLabel { issuer: issuer(), outcome });
                reach(&counter, count);
            }
        }
    }

    /// Takes over what became of the questions to registries so far.
    pub fn look_at_questions(&self, all: &[Questions<'_>]) {
        for questions in all {
            for outcome in QuestionOutcome::ALL.iter().copied() {
                let count = match outcome {
                    QuestionOutcome::Known => questions.known,
                    QuestionOutcome::Unknown => questions.unknown,
                    QuestionOutcome::Unanswered => questions.unanswered,
                };
                let label = QuestionLabel { issuer: questions.issuer.to_owned(), outcome };
                reach(&self.questions.get_or_create(&label), count);
            }
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("issuer_keys", "Keys of an issuer that can check tokens now", self.usable.clone());
        registry.register_with_unit(
            "issuer_keys_age",
            "How long ago an issuer's keys were last fetched well",
            Unit::Seconds,
            self.age.clone(),
        );
        registry.register("issuer_key_fetches", "Fetches of an issuer's keys", self.fetches.clone());
        registry.register(
            "issuer_questions",
            "Questions to a registry whether it knows the bearer of a token",
            self.questions.clone(),
        );
    }
}
