use quilt_scope::{
    BoxError, Lazy, Scope, ScopeError, Slot, ToolSet, Transient, scoped_tool, service, tool_set,
};

pub(crate) struct Pool {
    name: &'static str,
}

#[service(singleton)]
impl Pool {
    pub(crate) fn new(config: &Config) -> Self {
        Self { name: config.0 }
    }
}

pub(crate) struct Config(&'static str);

#[derive(Scope)]
pub(crate) struct App {
    #[scope(seed)]
    config: Config,
    pool: Slot<Pool>,
}

pub(crate) struct Principal(String);

pub(crate) trait Credentials: Send + Sync {
    fn key(&self) -> String;
}

pub(crate) struct Auth<'req> {
    principal: &'req Principal,
    pool: &'req Pool,
}

#[service]
impl<'req> Auth<'req> {
    pub(crate) fn new(principal: &'req Principal, pool: &'req Pool) -> Self {
        Self { principal, pool }
    }
}

impl Credentials for Auth<'_> {
    fn key(&self) -> String {
        format!("{}@{}", self.principal.0, self.pool.name)
    }
}

pub(crate) struct Permissions<'req> {
    credentials: &'req dyn Credentials,
}

#[service]
impl<'req> Permissions<'req> {
    pub(crate) async fn new(credentials: &'req dyn Credentials) -> Result<Self, BoxError> {
        tokio::task::yield_now().await;
        Ok(Self { credentials })
    }
}

pub(crate) struct Report<'req> {
    permissions: Lazy<'req, Permissions<'req>>,
}

#[service(transient)]
impl<'req> Report<'req> {
    pub(crate) fn new(permissions: Lazy<'req, Permissions<'req>>) -> Self {
        Self { permissions }
    }
}

#[derive(Scope)]
pub(crate) struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    reports: Transient<Report<'req>>,
    permissions: Slot<Permissions<'req>>,
    #[scope(provides = dyn Credentials)]
    auth: Slot<Auth<'req>>,
}

/// Says who asks.
#[scoped_tool(read_only)]
pub(crate) async fn who(
    permissions: &Permissions<'_>,
    report: &Report<'_>,
    lazy: Lazy<'_, Auth<'_>>,
    /// What to put in front.
    #[default("hello".to_owned())]
    greeting: String,
    #[range(1..=3)] times: u32,
    note: Option<String>,
) -> Result<String, ScopeError> {
    let _ = note;
    let same = report.permissions.get().await?.credentials.key();
    let again = lazy.get().await?.key();
    assert_eq!(same, again);
    Ok(format!("{greeting} {} {times}", permissions.credentials.key()))
}

#[tokio::test]
async fn a_tool_runs_in_a_scope() -> Result<(), Box<dyn std::error::Error>> {
    let tools: ToolSet<RequestScope<'static>> = tool_set![who];
    let app = App::open(Config("pool"));
    let answer = tokio::spawn(async move {
        let scope = RequestScope::open(&app, Principal("alice".into()));
        let arguments = serde_json::json!({"times": 2}).as_object().cloned().unwrap_or_default();
        tools.call("who", &scope, arguments).ok_or("no tool")?.await.map_err(|e| e.to_string())
    })
    .await??;
    assert_eq!(answer, "hello alice@pool 2");
    Ok(())
}
