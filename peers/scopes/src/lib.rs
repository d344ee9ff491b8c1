//! The same work by quilt-scope, by hand and by other dependency-injection crates.
//!
//! Each contender does it as its documentation recommends. What one cannot do is said, not imitated.

#[expect(dead_code, reason = "its table of cases is the benchmark's own")]
#[path = "../../../quilt-scope/benches/scope/contenders.rs"]
mod contenders;

mod arcs;
mod by_hand;
mod peers;
mod registered;

use std::time::{Duration, Instant};

/// A piece of work, ready to be done again and again. What it returns keeps it from being optimised away.
pub type Work = Box<dyn Fn() -> usize + Send + Sync>;

/// Why a contender cannot do a piece of work.
pub type Cannot = &'static str;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Open a scope, resolve three services in a chain, drop.
    Three,
    /// One of three.
    OneOfThree,
    /// One of sixteen.
    OneOfSixteen,
    /// One service in a scope, two in a scope within it.
    Nested,
    /// Three, with asynchronous constructors that do not have to wait.
    ThreeAsync,
    /// One of so many.
    Registered(usize),
}

/// Every case by its name.
pub const CASES: [(&str, Case); 9] = [
    ("three", Case::Three),
    ("one-of-three", Case::OneOfThree),
    ("one-of-sixteen", Case::OneOfSixteen),
    ("nested", Case::Nested),
    ("three-async", Case::ThreeAsync),
    ("one-of-1", Case::Registered(1)),
    ("one-of-10", Case::Registered(10)),
    ("one-of-100", Case::Registered(100)),
    ("one-of-1000", Case::Registered(1000)),
];

/// Who does it.
pub struct Contender {
    /// Its name and version.
    pub name: &'static str,
    /// Gets everything ready that a process does once.
    pub prepare: fn(Case) -> Result<Work, Cannot>,
    /// Serves eight requests at once, each with a service whose constructor waits for 20 ms.
    pub eight_at_once: Option<fn()>,
}

/// Everybody, ourselves first.
pub const CONTENDERS: &[Contender] = &[
    Contender {
        name: "quilt-scope",
        prepare: by_hand::framework,
        eight_at_once: Some(by_hand::eight_by_framework),
    },
    Contender { name: "by hand", prepare: by_hand::borrowing, eight_at_once: Some(by_hand::eight_borrowing) },
    Contender { name: "by hand, boxed", prepare: by_hand::boxed, eight_at_once: None },
    Contender { name: "by hand, in turn", prepare: by_hand::in_turn, eight_at_once: None },
    Contender { name: "by hand, `Arc`s", prepare: arcs::prepare, eight_at_once: Some(arcs::eight_at_once) },
    Contender { name: "nject 0.5.1", prepare: peers::nject::prepare, eight_at_once: None },
    Contender {
        name: "request extensions",
        prepare: peers::extensions::prepare,
        eight_at_once: Some(peers::extensions::eight_at_once),
    },
    Contender { name: "shaku 0.6.3", prepare: peers::shaku::prepare, eight_at_once: None },
    Contender { name: "froodi 1.0.0-beta.20", prepare: peers::froodi::prepare, eight_at_once: None },
    Contender {
        name: "froodi, async",
        prepare: peers::froodi_async::prepare,
        eight_at_once: Some(peers::froodi_async::eight_at_once),
    },
    Contender { name: "more-di 3.2.1", prepare: peers::more_di::prepare, eight_at_once: None },
    Contender { name: "ferrunix 0.5.2", prepare: peers::ferrunix::prepare, eight_at_once: None },
    Contender { name: "dill 0.17.2", prepare: peers::dill::prepare, eight_at_once: None },
    Contender {
        name: "rudi 0.8.3",
        prepare: peers::rudi::prepare,
        eight_at_once: Some(peers::rudi::eight_at_once),
    },
];

/// How long eight requests take together.
pub fn time_of(eight: fn()) -> Duration {
    let start = Instant::now();
    eight();
    start.elapsed()
}

/// How long a constructor waits in [`Contender::eight_at_once`].
pub(crate) async fn slowly() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// Runs `request` eight times, side by side on one thread.
pub(crate) fn eight_times<F: Future<Output = usize>>(request: impl Fn() -> F) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    let done = runtime.block_on(async {
        tokio::join!(request(), request(), request(), request(), request(), request(), request(), request())
    });
    std::hint::black_box(done);
}

/// A constructor cannot wait.
pub(crate) const SYNCHRONOUS: Cannot = "constructors cannot be asynchronous";

/// The thousand is for what claims that a service that nobody asks for costs nothing. For the others a hundred shows it.
pub(crate) const TOO_MANY: Cannot = "not tried: compiling all of them takes too long";
