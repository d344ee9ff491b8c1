//! The order in which services are tidied up, and in which they are dropped.

use quilt_scope::{Lazy, Scope, ScopeError, Slot, Transient, close, service};

use crate::journal::{Dropped, Journal, now};

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
}

struct Base {
    journal: Journal,
    _dropped: Dropped,
}

#[service(close = flush)]
impl Base {
    fn new(journal: &Journal) -> Self {
        Self { journal: journal.clone(), _dropped: journal.on_drop("base dropped") }
    }

    async fn flush(&self) {
        self.journal.note("base closes");
    }
}

struct Middle<'req> {
    base: &'req Base,
    _dropped: Dropped,
}

#[service]
impl<'req> Middle<'req> {
    fn new(base: &'req Base, journal: &Journal) -> Self {
        Self { base, _dropped: journal.on_drop("middle dropped") }
    }
}

struct Top<'req> {
    middle: &'req Middle<'req>,
    _dropped: Dropped,
}

#[service(close = flush)]
impl<'req> Top<'req> {
    async fn new(middle: &'req Middle<'req>, journal: &Journal) -> Result<Self, ScopeError> {
        Ok(Self { middle, _dropped: journal.on_drop("top dropped") })
    }

    async fn flush(&self) {
        self.middle.base.journal.note("top closes");
    }
}

struct Apart {
    journal: Journal,
    _dropped: Dropped,
}

#[service(close = flush)]
impl Apart {
    fn new(journal: &Journal) -> Result<Self, ScopeError> {
        Ok(Self { journal: journal.clone(), _dropped: journal.on_drop("apart dropped") })
    }

    async fn flush(&self) {
        self.journal.note("apart closes");
    }
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    top: Slot<Top<'req>>,
    middle: Slot<Middle<'req>>,
    base: Slot<Base>,
    apart: Slot<Apart>,
}

#[test]
fn what_is_not_built_is_not_tidied_up() {
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    now(close(&scope));
    assert!(app.journal.notes().is_empty());
}

#[test]
fn dependents_close_before_what_they_borrow() {
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    assert!(now(scope.get::<Top<'_>>()).is_ok());
    now(close(&scope));
    assert_eq!(app.journal.notes(), ["top closes", "base closes"]);
}

/// Whichever was built last closes first, whatever the fields' order.
#[test]
fn what_is_independent_closes_in_reverse_order_of_construction() {
    for apart_first in [true, false] {
        let app = App::open(Journal::default());
        let scope = RequestScope::open(&app);
        let build_apart = || assert!(now(scope.get::<Apart>()).is_ok());
        let build_base = || assert!(now(scope.get::<Base>()).is_ok());
        if apart_first {
            build_apart();
        }
        build_base();
        if !apart_first {
            build_apart();
        }
        now(close(&scope));
        let expected =
            if apart_first { ["base closes", "apart closes"] } else { ["apart closes", "base closes"] };
        assert_eq!(app.journal.notes(), expected);
    }
}

#[test]
fn what_a_test_filled_in_is_tidied_up_too() {
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    let fake = Base { journal: app.journal.clone(), _dropped: app.journal.on_drop("base dropped") };
    assert!(scope.base.fill(fake).is_ok());
    now(close(&scope));
    assert_eq!(app.journal.notes(), ["base closes"]);
}

#[test]
fn services_are_dropped_in_the_order_of_the_fields() {
    let app = App::open(Journal::default());
    {
        let scope = RequestScope::open(&app);
        // Built in another order than that of the fields.
        assert!(now(scope.get::<Apart>()).is_ok());
        assert!(now(scope.get::<Top<'_>>()).is_ok());
    }
    assert_eq!(app.journal.notes(), ["top dropped", "middle dropped", "base dropped", "apart dropped"]);
}

struct Holder<'req> {
    late: Lazy<'req, Late>,
    journal: &'req Journal,
}

#[service(close = flush)]
impl<'req> Holder<'req> {
    fn new(late: Lazy<'req, Late>, journal: &'req Journal) -> Self {
        Self { late, journal }
    }

    async fn flush(&self) {
        let late = self.late.get().await.is_ok_and(|late| !late.closed.get().is_some_and(|closed| *closed));
        self.journal.note(format!("holder closes, late is open: {late}"));
    }
}

struct Late {
    journal: Journal,
    closed: std::sync::OnceLock<bool>,
}

#[service(close = flush)]
impl Late {
    fn new(journal: &Journal) -> Self {
        Self { journal: journal.clone(), closed: std::sync::OnceLock::new() }
    }

    async fn flush(&self) {
        let _ = self.closed.set(true);
        self.journal.note("late closes");
    }
}

#[derive(Scope)]
struct LazyScope<'req> {
    #[scope(parent)]
    app: &'req App,
    holder: Slot<Holder<'req>>,
    late: Slot<Late>,
}

/// `Late` is built last and closes last all the same, since `Holder` still uses it when it closes.
#[test]
fn what_is_held_lazily_closes_after_what_holds_it() {
    let app = App::open(Journal::default());
    let scope = LazyScope::open(&app);
    let holder = now(scope.get::<Holder<'_>>()).expect("it cannot fail");
    assert!(now(holder.late.get()).is_ok());
    now(close(&scope));
    assert_eq!(app.journal.notes(), ["holder closes, late is open: true", "late closes"]);
}

struct Panicking;

#[service(close = flush)]
impl Panicking {
    fn new() -> Self {
        Self
    }

    async fn flush(&self) {
        panic!("it cannot be tidied up");
    }
}

#[derive(Scope)]
struct PanickingScope<'req> {
    #[scope(parent)]
    app: &'req App,
    panicking: Slot<Panicking>,
    apart: Slot<Apart>,
}

#[test]
fn one_that_panics_while_closing_does_not_keep_the_others_from_it() {
    let app = App::open(Journal::default());
    let scope = PanickingScope::open(&app);
    assert!(now(scope.get::<Apart>()).is_ok());
    assert!(now(scope.get::<Panicking>()).is_ok());
    now(close(&scope));
    assert_eq!(app.journal.notes(), ["apart closes"]);
}

#[derive(Scope)]
struct Root {
    #[scope(seed)]
    journal: Journal,
    pool: Slot<Pool>,
}

struct Pool {
    journal: Journal,
}

#[service(singleton, close = disconnect)]
impl Pool {
    fn new(journal: &Journal) -> Self {
        Self { journal: journal.clone() }
    }

    async fn disconnect(&self) {
        self.journal.note("pool closes");
    }
}

#[test]
fn singletons_close_with_the_root() {
    let root = Root::open(Journal::default());
    assert!(now(root.get::<Pool>()).is_ok());
    now(close(&root));
    assert_eq!(root.journal.notes(), ["pool closes"]);
}

struct Each {
    _dropped: Dropped,
}

#[service(transient)]
impl Each {
    fn new(journal: &Journal) -> Self {
        Self { _dropped: journal.on_drop("one dropped") }
    }
}

#[derive(Scope)]
struct TransientScope<'req> {
    #[scope(parent)]
    app: &'req App,
    each: Transient<Each>,
}

#[test]
fn every_transient_instance_is_dropped_with_the_scope() {
    let app = App::open(Journal::default());
    let scope = TransientScope::open(&app);
    for _ in 0..3 {
        assert!(now(scope.get::<Each>()).is_ok());
    }
    assert!(app.journal.notes().is_empty());
    drop(scope);
    assert_eq!(app.journal.notes().len(), 3);
}
