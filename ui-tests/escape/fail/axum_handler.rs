//! A handler of an axum route answers with a service of its request.
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use quilt_scope::{Scope, Slot, service};

pub struct Auth {
    pub key: String,
}

#[service]
impl Auth {
    pub fn new() -> Self {
        Self { key: String::new() }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    auth: Slot<Auth>,
}

async fn handle(State(app): State<&'static App>) -> Result<Extension<&'static Auth>, StatusCode> {
    let scope = RequestScope::open(app);
    let auth = scope.get::<Auth>().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(Extension(auth))
}

pub fn routes(app: &'static App) -> axum::Router {
    axum::Router::new().route("/", get(handle)).with_state(app)
}

fn main() {}
