//! A scope opened under a request: it sees its parent's services, and may narrow what it sees.

use quilt_scope::{Scope, Slot, service};

use crate::journal::{Journal, now};

struct Principal(&'static str);

struct Auth<'req> {
    principal: &'req Principal,
}

#[service]
impl<'req> Auth<'req> {
    fn new(principal: &'req Principal, journal: &Journal) -> Self {
        journal.note(format!("auth of {}", principal.0));
        Self { principal }
    }
}

struct Cache;

#[service]
impl Cache {
    async fn new(journal: &Journal) -> Self {
        journal.note("cache");
        Self
    }
}

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    auth: Slot<Auth<'req>>,
    cache: Slot<Cache>,
}

struct Step<'step> {
    auth: &'step Auth<'step>,
    number: &'step u32,
}

#[service]
impl<'step> Step<'step> {
    fn new(auth: &'step Auth<'step>, number: &'step u32) -> Self {
        Self { auth, number }
    }
}

/// Sees all of its parent.
#[derive(Scope)]
struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    number: u32,
    cached: Slot<CachedStep<'step>>,
}

struct CachedStep<'step> {
    cache: &'step Cache,
    number: &'step u32,
}

#[service]
impl<'step> CachedStep<'step> {
    fn new(cache: &'step Cache, number: &'step u32) -> Self {
        Self { cache, number }
    }
}

/// Acts for somebody else, so it sees of its parent only what has nothing to do with the caller.
#[derive(Scope)]
struct DelegatedScope<'req, 'step> {
    #[scope(parent, inherits(Journal, Cache))]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    principal: Principal,
    #[scope(seed)]
    number: u32,
    step: Slot<Step<'step>>,
    auth: Slot<Auth<'step>>,
}

#[test]
fn a_child_shares_what_its_parent_has_built() {
    let app = App::open(Journal::default());
    let request = RequestScope::open(&app, Principal("alice"));
    let mut caches = Vec::new();
    for number in 0..2 {
        let child = StepScope::open(&request, number);
        let step = now(child.get::<CachedStep<'_>>()).expect("it cannot fail");
        assert_eq!(*step.number, number);
        caches.push(std::ptr::from_ref(step.cache));
    }
    assert!(std::ptr::eq(caches[0], caches[1]));
    assert_eq!(app.journal.notes(), ["cache"]);
}

#[test]
fn a_child_opens_inside_a_body_that_only_borrows_the_request() {
    async fn body<'req>(request: &'req RequestScope<'req>) -> u32 {
        let child = StepScope::open(request, 7);
        let step = child.get::<CachedStep<'_>>().await;
        step.map_or(0, |step| *step.number)
    }
    let app = App::open(Journal::default());
    let request = RequestScope::open(&app, Principal("alice"));
    assert_eq!(now(body(&request)), 7);
}

#[test]
fn an_overriding_seed_is_seen_by_the_childs_services_and_not_by_the_parents() {
    let app = App::open(Journal::default());
    let request = RequestScope::open(&app, Principal("alice"));
    let child = DelegatedScope::open(&request, Principal("robot"), 1);
    let step = now(child.get::<Step<'_>>()).expect("it cannot fail");
    assert_eq!((step.auth.principal.0, *step.number), ("robot", 1));
    assert_eq!(now(request.get::<Auth<'_>>()).expect("it cannot fail").principal.0, "alice");
    assert_eq!(app.journal.notes(), ["auth of robot", "auth of alice"]);
}

#[test]
fn what_is_inherited_by_name_is_the_parents() {
    let app = App::open(Journal::default());
    let request = RequestScope::open(&app, Principal("alice"));
    let child = DelegatedScope::open(&request, Principal("robot"), 1);
    let own = now(child.get::<Cache>()).expect("it cannot fail");
    let parents = now(request.get::<Cache>()).expect("it cannot fail");
    assert!(std::ptr::eq(own, parents));
}

/// A second kind of scope under one parent, with a service that its sibling has too.
#[derive(Scope)]
struct BackgroundScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    auth: Slot<Auth<'req>>,
}

#[test]
fn siblings_may_have_the_same_service_and_each_has_its_own() {
    let app = App::open(Journal::default());
    let request = RequestScope::open(&app, Principal("alice"));
    let background = BackgroundScope::open(&app, Principal("clock"));
    let of = |auth: &Auth<'_>| auth.principal.0;
    assert_eq!(now(request.get::<Auth<'_>>()).map(of).ok(), Some("alice"));
    assert_eq!(now(background.get::<Auth<'_>>()).map(of).ok(), Some("clock"));
}
