//! An ambient ask uses the service where it is, and takes owned data away.
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

quilt_scope::ambient! {
    fn with_auth<'req>(Auth) in RequestScope<'static>;
}

pub async fn deep() -> Result<usize, quilt_scope::ambient::AmbientError> {
    with_auth(|auth| Box::pin(async move { auth.key.len() })).await
}

pub async fn serve(app: &App) -> Option<usize> {
    let scope = RequestScope::open(app);
    let body = quilt_scope::ambient::within::<RequestScope<'static>, _>(&scope, deep());
    let end = quilt_scope::run(&scope, body, std::future::pending()).await;
    end.finished()?.ok()
}

pub async fn spawned(app: std::sync::Arc<App>) {
    tokio::spawn(async move { serve(&app).await });
}

fn main() {}
