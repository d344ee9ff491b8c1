//! `Lazy` builds on use, `Transient` at each ask.

use quilt_scope::{Lazy, Scope, ScopeError, Slot, ToolSet, Transient, scoped_tool, service, tool_set};

use crate::journal::{Journal, now};

#[derive(Scope)]
struct App {
    #[scope(seed)]
    journal: Journal,
}

struct Costly;

#[service]
impl Costly {
    async fn new(journal: &Journal) -> Self {
        journal.note("costly");
        Self
    }
}

struct Report<'req> {
    journal: &'req Journal,
    costly: Lazy<'req, Costly>,
}

#[service]
impl<'req> Report<'req> {
    fn new(journal: &'req Journal, costly: Lazy<'req, Costly>) -> Self {
        journal.note("report");
        Self { journal, costly }
    }

    async fn write(&self) -> Result<(), ScopeError> {
        self.journal.note("writing");
        self.costly.get().await?;
        Ok(())
    }
}

struct Stamp(usize);

#[service(transient)]
impl Stamp {
    fn new(journal: &Journal) -> Self {
        journal.note("stamp");
        Self(journal.notes().len())
    }
}

struct Letter<'req> {
    stamp: &'req Stamp,
}

#[service]
impl<'req> Letter<'req> {
    fn new(stamp: &'req Stamp) -> Self {
        Self { stamp }
    }
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    letter: Slot<Letter<'req>>,
    report: Slot<Report<'req>>,
    costly: Slot<Costly>,
    stamps: Transient<Stamp>,
}

#[test]
fn opening_builds_nothing() {
    let app = App::open(Journal::default());
    drop(RequestScope::open(&app));
    assert!(app.journal.notes().is_empty());
}

#[test]
fn asking_builds_what_is_asked_for_and_what_it_needs() {
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    assert!(now(scope.get::<Letter<'_>>()).is_ok());
    assert_eq!(app.journal.notes(), ["stamp"]);
}

#[test]
fn a_lazy_dependency_is_built_on_first_use_and_once() {
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    let report = now(scope.get::<Report<'_>>()).expect("it cannot fail");
    assert!(scope.costly.get().is_none());
    now(report.write()).expect("it cannot fail");
    now(report.write()).expect("it cannot fail");
    assert_eq!(app.journal.notes(), ["report", "writing", "costly", "writing"]);
}

/// Looks at the costly part only if told to.
#[scoped_tool]
async fn look(costly: Lazy<'_, Costly>, closely: bool) -> Result<bool, ScopeError> {
    if closely {
        costly.get().await?;
    }
    Ok(closely)
}

#[test]
fn a_tool_pays_only_for_what_it_uses() {
    let tools: ToolSet<RequestScope<'static>> = tool_set![look];
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    for (closely, built) in [(false, 0), (true, 1)] {
        let arguments = serde_json::json!({"closely": closely}).as_object().cloned().unwrap_or_default();
        let answer = now(tools.call("look", &scope, arguments).expect("it is in the set"));
        assert_eq!(answer.ok(), Some(closely.into()));
        assert_eq!(app.journal.notes().len(), built);
    }
}

#[test]
fn a_transient_service_is_built_at_each_ask_and_kept_until_the_scope_ends() {
    let app = App::open(Journal::default());
    let scope = RequestScope::open(&app);
    let ask = || now(scope.get::<Stamp>()).expect("it cannot fail");
    let (first, second) = (ask(), ask());
    let letter = now(scope.get::<Letter<'_>>()).expect("it cannot fail");
    let again = now(scope.get::<Letter<'_>>()).expect("it cannot fail");
    assert_eq!([first.0, second.0, letter.stamp.0, again.stamp.0], [1, 2, 3, 3]);
}
