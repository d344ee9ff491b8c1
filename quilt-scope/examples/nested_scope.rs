//! A scope under a request: each step of a job acts for somebody else, and shares what does not depend on who acts.

use std::io::{Write, stdout};

use quilt_scope::{Scope, ScopeError, Slot, service};

struct Principal(String);

/// The same for whoever acts: built once for the request.
struct Catalogue {
    titles: Vec<&'static str>,
}

#[service]
impl Catalogue {
    async fn new() -> Self {
        Self { titles: vec!["Notes", "Letters"] }
    }
}

/// Depends on who acts: built for each step.
struct Permissions<'step> {
    actor: &'step Principal,
}

#[service]
impl<'step> Permissions<'step> {
    fn new(actor: &'step Principal) -> Self {
        Self { actor }
    }

    fn may_read(&self, title: &str) -> bool {
        self.actor.0 == "Ada" || title == "Notes"
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
    permissions: Slot<Permissions<'req>>,
    catalogue: Slot<Catalogue>,
}

/// It names what it sees of the request, so it can have a `Principal` of its own. The request cannot see it at all.
#[derive(Scope)]
struct StepScope<'req, 'step> {
    #[scope(parent, inherits(Catalogue))]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    actor: Principal,
    permissions: Slot<Permissions<'step>>,
}

async fn readable<'req>(
    request: &'req RequestScope<'req>,
    actor: &str,
) -> Result<Vec<&'req str>, ScopeError> {
    let step = StepScope::open(request, Principal(actor.to_owned()));
    let permissions = step.get::<Permissions<'_>>().await?;
    // From the request, hence it may leave the step; `permissions` may not.
    let catalogue = request.get::<Catalogue>().await?;
    Ok(catalogue.titles.iter().copied().filter(|title| permissions.may_read(title)).collect())
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    show(&mut stdout()).await
}

/// Writes what each step may read, and for whom the request acts.
pub(crate) async fn show(out: &mut dyn Write) -> Result<(), Box<dyn std::error::Error>> {
    let app = App::open();
    let request = RequestScope::open(&app, Principal("Ada".to_owned()));
    for actor in ["Ada", "Grace"] {
        let titles = readable(&request, actor).await?;
        writeln!(out, "{actor} reads {}", titles.join(", "))?;
    }
    let own = request.get::<Permissions<'_>>().await?;
    writeln!(out, "the request still acts for {}", own.actor.0)?;
    Ok(())
}
