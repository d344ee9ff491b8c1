//! A test puts a fake where a service would be, and its dependents see it. Trait objects.

use quilt_scope::{Scope, Slot, service};

use crate::journal::now;

trait Credentials: Send + Sync {
    fn key(&self) -> &str;
}

struct Exchanged<'req> {
    who: &'req Principal,
}

#[service]
impl<'req> Exchanged<'req> {
    fn new(who: &'req Principal) -> Self {
        Self { who }
    }
}

impl Credentials for Exchanged<'_> {
    fn key(&self) -> &str {
        &self.who.0
    }
}

struct Principal(String);

struct Signer {
    secret: &'static str,
}

#[service]
impl Signer {
    fn new() -> Self {
        Self { secret: "real" }
    }
}

struct Client<'req> {
    credentials: &'req dyn Credentials,
    signer: &'req Signer,
}

#[service]
impl<'req> Client<'req> {
    async fn new(credentials: &'req dyn Credentials, signer: &'req Signer) -> Self {
        Self { credentials, signer }
    }

    fn signs(&self) -> String {
        format!("{} with {}", self.credentials.key(), self.signer.secret)
    }
}

#[derive(Scope)]
struct App {}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    client: Slot<Client<'req>>,
    #[scope(provides = dyn Credentials)]
    exchanged: Slot<Exchanged<'req>>,
    signer: Slot<Signer>,
}

fn open(app: &App) -> RequestScope<'_> {
    RequestScope::open(app, Principal("alice".to_owned()))
}

#[test]
fn without_a_fake_the_constructors_are_called() {
    let app = App::open();
    let scope = open(&app);
    assert_eq!(now(scope.get::<Client<'_>>()).expect("it cannot fail").signs(), "alice with real");
}

#[test]
fn what_a_slot_is_filled_with_is_seen_by_dependents() {
    let app = App::open();
    let scope = open(&app);
    assert!(scope.signer.fill(Signer { secret: "fake" }).is_ok());
    assert_eq!(now(scope.get::<Client<'_>>()).expect("it cannot fail").signs(), "alice with fake");
}

#[test]
fn what_a_slot_is_filled_with_is_seen_behind_the_trait_object_too() {
    let app = App::open();
    let mallory = Principal("mallory".to_owned());
    let scope = open(&app);
    assert!(scope.exchanged.fill(Exchanged { who: &mallory }).is_ok());
    assert_eq!(now(scope.get::<Client<'_>>()).expect("it cannot fail").signs(), "mallory with real");
}

#[test]
fn a_full_slot_gives_back_what_it_is_filled_with() {
    let app = App::open();
    let scope = open(&app);
    assert!(now(scope.get::<Signer>()).is_ok());
    let refused = scope.signer.fill(Signer { secret: "late" });
    assert_eq!(refused.err().map(|signer| signer.secret), Some("late"));
}

#[test]
fn a_trait_object_and_its_service_are_one_instance() {
    let app = App::open();
    let scope = open(&app);
    let object = now(scope.get::<dyn Credentials>()).expect("it cannot fail");
    let service = now(scope.get::<Exchanged<'_>>()).expect("it cannot fail");
    assert!(std::ptr::addr_eq(object, service));
}

/// A seed may be handed over as a box of a trait object.
#[derive(Scope)]
struct BoxedScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    credentials: Box<dyn Credentials>,
    client: Slot<Client<'req>>,
    signer: Slot<Signer>,
}

struct Fixed;

impl Credentials for Fixed {
    fn key(&self) -> &str {
        "fixed"
    }
}

#[test]
fn a_boxed_trait_object_can_be_a_seed() {
    let app = App::open();
    let scope = BoxedScope::open(&app, Box::new(Fixed));
    assert_eq!(now(scope.get::<Client<'_>>()).expect("it cannot fail").signs(), "fixed with real");
}
