//! A route of an axum server and a tool, served from the same container: the guarantees are not about tools.
//!
//! `cargo run --example axum_handler`

use std::error::Error;
use std::io::{Write, stdout};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use quilt_scope::{Scope, Slot, ToolSet, run, scoped_tool, service, tool_set};
use tower::ServiceExt as _;

/// Who asks.
pub struct Principal(String);

/// What the caller may do.
pub struct Permissions<'req> {
    principal: &'req Principal,
}

#[service]
impl<'req> Permissions<'req> {
    /// Those of `principal`.
    pub fn new(principal: &'req Principal) -> Self {
        Self { principal }
    }

    fn may_read(&self, bucket: &str) -> bool {
        bucket.starts_with(&self.principal.0)
    }
}

/// What all requests share.
#[derive(Scope)]
pub struct App {}

/// What one request has, whether it comes in by a route or as a call of a tool.
#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    permissions: Slot<Permissions<'req>>,
    #[scope(seed)]
    principal: Principal,
}

/// Tells whether the caller may read a bucket.
#[scoped_tool(read_only)]
pub fn may_read(
    permissions: &Permissions<'_>,
    /// Its name.
    bucket: String,
) -> bool {
    permissions.may_read(&bucket)
}

/// The route. `permissions` cannot leave it: to return it, to spawn with it or to put it into `app` does not compile.
async fn bucket(
    State(app): State<Arc<App>>,
    Path((user, bucket)): Path<(String, String)>,
) -> Result<String, StatusCode> {
    let scope = RequestScope::open(&app, Principal(user));
    let body = async {
        let permissions =
            scope.get::<Permissions<'_>>().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        if permissions.may_read(&bucket) {
            Ok(format!("{bucket} is yours"))
        } else {
            Err(StatusCode::FORBIDDEN)
        }
    };
    run(&scope, body, std::future::pending()).await.finished().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    show(&mut stdout()).await
}

/// Asks by the route and as a tool, and writes what is answered.
pub(crate) async fn show(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let app = Arc::new(App::open());
    let routes = Router::new().route("/{user}/{bucket}", get(bucket)).with_state(app.clone());

    // As axum would serve it, without a socket.
    let answer = routes.clone().oneshot(Request::get("/ada/ada-data").body(Body::empty())?).await?;
    let text = String::from_utf8(to_bytes(answer.into_body(), 1024).await?.to_vec())?;
    assert_eq!(text, "ada-data is yours");
    let refused = routes.oneshot(Request::get("/bob/ada-data").body(Body::empty())?).await?;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    // The same as a tool.
    let tools: ToolSet<RequestScope<'static>> = tool_set![RequestScope<'static>: may_read];
    let scope = RequestScope::open(&app, Principal("ada".to_owned()));
    let arguments = serde_json::Map::from_iter([("bucket".to_owned(), "ada-data".into())]);
    let call = tools.call("may_read", &scope, arguments).ok_or("no such tool")?;
    let answer = run(&scope, call, std::future::pending()).await.finished().ok_or("it was stopped")??;
    assert_eq!(answer, true);
    writeln!(out, "{text}; as a tool: {answer}")?;
    Ok(())
}
