//! What is leaked is not shared: a request that is forgotten, with its scope and all that is in it, is nobody else's.

use std::future::pending;
use std::mem;
use std::sync::OnceLock;

use quilt_scope::{Census, Scope, Slot, service};

use crate::journal::{Dropped, Journal, now, poll_once};

struct Principal(&'static str);

struct Account<'req> {
    owner: &'req Principal,
    _dropped: Dropped,
}

#[service]
impl<'req> Account<'req> {
    fn new(owner: &'req Principal, journal: &Journal) -> Self {
        journal.note(format!("built for {}", owner.0));
        Self { owner, _dropped: journal.on_drop("dropped") }
    }
}

/// The twin: what it knows stays with the process, so that the next request finds what a leaked one has left.
#[derive(Default)]
struct Kept(OnceLock<&'static str>);

struct KeptAccount {
    owner: &'static str,
}

#[service]
impl KeptAccount {
    fn new(owner: &Principal, kept: &Kept) -> Self {
        Self { owner: kept.0.get_or_init(|| owner.0) }
    }
}

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
    #[scope(seed)]
    kept: Kept,
    #[scope(seed)]
    census: Census,
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    account: Slot<Account<'req>>,
    kept_account: Slot<KeptAccount>,
    #[scope(seed)]
    principal: Principal,
}

/// Whose account a second caller gets after the request of a first has been forgotten in the middle.
fn whose_after_a_leak(app: &App) -> (&'static str, &'static str) {
    let mut forgotten = Box::pin(async {
        let _inside = app.census.enter();
        let scope = RequestScope::open(app, Principal("ada"));
        let own = scope.get::<Account<'_>>().await.is_ok() && scope.get::<KeptAccount>().await.is_ok();
        assert!(own, "nothing of it can fail");
        pending::<()>().await;
    });
    assert!(poll_once(&mut forgotten).is_pending());
    mem::forget(forgotten);

    let scope = RequestScope::open(app, Principal("grace"));
    let account = now(scope.get::<Account<'_>>()).map(|account| account.owner.0);
    let kept = now(scope.get::<KeptAccount>()).map(|account| account.owner);
    (account.unwrap_or_default(), kept.unwrap_or_default())
}

#[test]
fn a_scope_that_is_forgotten_is_shared_with_nobody() {
    let app = App::open(Journal::default(), Kept::default(), Census::new());
    let (account, _) = whose_after_a_leak(&app);
    assert_eq!(account, "grace");
    // The first is never dropped, and it is seen that it is still there.
    assert_eq!(app.journal.notes(), ["built for ada", "built for grace", "dropped"]);
    assert_eq!((app.census.opened(), app.census.live()), (1, 1));
}

#[test]
fn the_twin_that_keeps_for_the_process_is_caught() {
    let app = App::open(Journal::default(), Kept::default(), Census::new());
    let (_, kept) = whose_after_a_leak(&app);
    assert_eq!(kept, "ada", "the next caller is taken for the one before");
}
