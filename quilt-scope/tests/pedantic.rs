//! What the macros write gives no lint to the crate that they are used in, however strict it is: `cargo clippy
//! --all-targets` refuses this file otherwise.
#![deny(
    warnings,
    clippy::pedantic,
    clippy::nursery,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::allow_attributes
)]
#![deny(missing_docs, unreachable_pub, unused_qualifications, elided_lifetimes_in_paths)]
#![deny(clippy::absolute_paths, clippy::missing_inline_in_public_items, clippy::exhaustive_structs)]

use std::future::{Future, pending, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use quilt_scope::{
    BoxError, Lazy, Scope, Secrets, Slot, ToolSet, Transient, Watch, run, scoped_tool, scoped_tools, service,
    tool_set,
};
use zeroize::Zeroizing;

/// Where.
struct Region(String);

/// What is said of somewhere.
trait Place: Sync {
    fn place(&self) -> &str;
}

/// For everybody.
#[derive(Debug)]
struct Pool {
    region: String,
}

#[service(singleton)]
impl Pool {
    fn new(region: &Region) -> Result<Self, BoxError> {
        if region.0.is_empty() {
            Err("there is no region".into())
        } else {
            Ok(Self { region: region.0.clone() })
        }
    }
}

/// With a secret.
#[derive(Secrets)]
struct Session<'req> {
    pool: &'req Pool,
    token: Zeroizing<String>,
}

#[service(secrets, close = end)]
impl<'req> Session<'req> {
    async fn new(pool: &'req Pool) -> Self {
        ready(()).await;
        Self { pool, token: Zeroizing::new(String::from("secret")) }
    }

    async fn end(&self) {
        ready(self.token.len()).await;
    }
}

impl Place for Session<'_> {
    fn place(&self) -> &str {
        &self.pool.region
    }
}

/// Built at each ask.
struct Stamp<'req>(Lazy<'req, Session<'req>>);

#[service(transient)]
impl<'req> Stamp<'req> {
    const fn new(session: Lazy<'req, Session<'req>>) -> Self {
        Self(session)
    }
}

#[derive(Scope)]
struct App {
    #[scope(seed)]
    region: Region,
    pool: Slot<Pool>,
}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(observer)]
    watch: &'req Watch<'req, ()>,
    #[scope(parent)]
    app: &'req App,
    stamps: Transient<Stamp<'req>>,
    #[scope(provides = dyn Place)]
    session: Slot<Session<'req>>,
}

/// Sees one thing of the request.
#[derive(Scope)]
struct StepScope<'req, 'step> {
    #[scope(parent, inherits(dyn Place))]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    step: &'step str,
}

/// The whole input.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Search {
    words: String,
}

/// With services that their bodies ask for by name.
#[expect(clippy::redundant_pub_crate, reason = "it contradicts `unreachable_pub`")]
#[scoped_tools(accessors(session: Session<'_>, somewhere: &dyn Place))]
mod tools {
    use super::{Place, Search, Session, ready};
    use quilt_scope::scoped_tool;

    /// Searches there.
    #[scoped_tool(read_only)]
    pub(super) async fn search(#[params] search: Search) -> String {
        ready(()).await;
        format!("{} in {}", search.words, there())
    }

    /// Counts there.
    #[scoped_tool]
    pub(super) fn count(#[length(1..=9)] names: Vec<String>) -> usize {
        names.len().saturating_add(session().token.len())
    }

    fn there() -> &'static str {
        if somewhere().place().is_empty() { "nowhere" } else { "somewhere" }
    }
}

/// Says where.
#[scoped_tool(read_only, idempotent)]
async fn place(
    stamp: &Stamp<'_>,
    #[default("in".to_owned())]
    #[length(1..=9)]
    #[pattern("^[a-z]+$")]
    word: String,
    #[range(1..=3)] times: Option<u8>,
) -> Result<String, BoxError> {
    let session = stamp.0.get().await?;
    Ok(format!("{word} {} {times:?}", session.pool.region))
}

/// Adds.
#[scoped_tool]
const fn double(number: u32) -> u32 {
    number.saturating_mul(2)
}

#[test]
fn strict_crates_can_use_it() {
    let tools: ToolSet<RequestScope<'static>> =
        tool_set![RequestScope<'static>: place, double, tools::search, tools::count];
    let app = App::open(Region("eu".to_owned()));
    let watch = Watch::open(&(), "RequestScope");
    let scope = RequestScope::open(&watch, &app);
    let call = tools.call("place", &scope, serde_json::Map::new());
    let end =
        call.map(|call| pin!(run(&scope, call, pending())).poll(&mut Context::from_waker(Waker::noop())));
    let Some(Poll::Ready(end)) = end else { panic!("nothing in it waits") };
    let answer = end.finished().and_then(Result::ok);
    assert_eq!(answer, Some("in eu None".into()));
    let step = StepScope::open(&scope, "first");
    assert!(matches!(
        pin!(step.get::<dyn Place>()).poll(&mut Context::from_waker(Waker::noop())),
        Poll::Ready(Ok(_))
    ));
}
