//! Who is measured: our server as operators run it, and the least that others can be.

use std::path::PathBuf;
use std::rc::Rc;

use crate::Result;
use crate::case::Case;
use crate::client::{Client, Era, JSON, JSON_FOR_RMCP, Who};
use crate::drive::first_number;
use crate::endpoint::key_of;
use crate::process::{Launch, Server};
use crate::token::{AUDIENCE, ISSUER, Mint, SECRET};

pub(crate) const OURS: &str = "quilt-mcp";
pub(crate) const OURS_THROUGH_RMCP: &str = "quilt-mcp, all through rmcp";
pub(crate) const MINIMAL_RMCP: &str = "minimal rmcp 3.9.0";
pub(crate) const MINIMAL_FASTMCP: &str = "minimal FastMCP 4.1.2";
const MINIMAL_RMCP_OUR_TOOLS: &str = "minimal rmcp 3.9.0, our tools";
const BY_HAND: &str = "rmcp 3.9.0, by hand, no token";
const PYPI: &str = "quilt-mcp 0.22.0 of PyPI";
const PYPI_FOR_ONE: &str = "quilt-mcp 0.22.0 of PyPI, no token";

/// Whether a row of this name is about our server.
pub(crate) fn is_ours(name: &str) -> bool {
    name.starts_with(OURS) && !name.starts_with(PYPI)
}

/// For how many tenants there are roles.
pub(crate) const TENANTS: usize = 64;
/// How many of them the callers belong to who are said to be of several.
const SEVERAL: usize = 8;
/// Whose credentials a server has that is told of no tenant.
const ONE: &str = "tenant0";

/// One server, spoken to in one way.
#[derive(Clone)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) era: Era,
    pub(crate) launch: Launch,
    mint: Option<Rc<Mint>>,
    content_type: &'static str,
}

/// The programs, and what our server is told of the world.
pub(crate) struct Programs {
    pub(crate) ours: PathBuf,
    pub(crate) minimal: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) fastmcp_script: PathBuf,
    /// Beside its packages, where Node looks for them.
    pub(crate) typescript_script: PathBuf,
    pub(crate) endpoint: String,
    pub(crate) published: Rc<Mint>,
}

impl Contender {
    /// As `LOAD_ONLY` chooses it.
    pub(crate) fn said(&self) -> String {
        format!("{}, {}", self.name, self.era.name())
    }

    /// As tables begin a line of it.
    pub(crate) fn columns(&self) -> String {
        format!("{} | {}", self.name, self.era.name())
    }

    /// Whether it is ours, or what ours is held against: only these are looked at more closely, by callgrind and by wrk.
    pub(crate) fn is_ours_or_minimal_rmcp(&self) -> bool {
        is_ours(self.name) || self.name == MINIMAL_RMCP
    }

    /// `many` clients, each with a connection and a token of its own, belonging to several tenants; or to one, if the server
    /// knows no tokens.
    pub(crate) async fn clients(&self, server: &Server, many: usize) -> Result<Vec<Client>> {
        let tenants = if self.mint.is_some() { SEVERAL } else { 1 };
        self.clients_of(server, many, tenants).await
    }

    /// The same, belonging to so many tenants.
    pub(crate) async fn clients_of(
        &self,
        server: &Server,
        many: usize,
        tenants: usize,
    ) -> Result<Vec<Client>> {
        let mut clients = Vec::with_capacity(many);
        for number in 0..many {
            let tenant = format!("tenant{}", number % tenants);
            clients.push(self.client(server, &tenant, &format!("user{number}")).await?);
        }
        Ok(clients)
    }

    pub(crate) async fn client(&self, server: &Server, tenant: &str, user: &str) -> Result<Client> {
        Client::connect(server.address, self.era, self.who(tenant, user)?, first_number()).await
    }

    pub(crate) fn who(&self, tenant: &str, user: &str) -> Result<Who> {
        let token = self.mint.as_ref().map(|mint| mint.token(tenant, user)).transpose()?;
        Ok(Who { tenant: tenant.to_owned(), user: user.to_owned(), token, content_type: self.content_type })
    }
}

impl Programs {
    /// Everybody who has the trivial tool.
    pub(crate) fn all(&self) -> Vec<Contender> {
        let mut all = vec![
            self.floor(),
            self.minimal(Era::Old),
            self.minimal(Era::New),
            self.minimal(Era::Session),
            self.ours(Era::Old),
            self.ours(Era::New),
            self.ours(Era::Session),
            self.ours_through_rmcp(Era::Old),
            self.ours_through_rmcp(Era::New),
            self.ours_with_published_keys(Era::New),
            self.ours_for_one(Era::New),
        ];
        for era in [Era::Old, Era::New] {
            all.extend([self.fastmcp(era), self.typescript(era), self.python_quilt(era)]);
        }
        all
    }

    /// Everybody who may be able to do what `case` asks. The least of others have but the trivial tool.
    pub(crate) fn able_to(&self, case: Case) -> Vec<Contender> {
        let mut all = vec![self.ours(Era::New), self.ours(Era::Session), self.ours_for_one(Era::New)];
        all.push(if case == Case::Trivial { self.minimal(Era::New) } else { self.by_hand() });
        all.extend([self.python_quilt(Era::New), self.python_quilt_for_one()]);
        all
    }

    /// Whose instructions are counted: ours, and what ours is held against.
    pub(crate) fn counted(&self, case: Case) -> Vec<Contender> {
        match case {
            Case::Trivial => self.all().into_iter().filter(Contender::is_ours_or_minimal_rmcp).collect(),
            _ => vec![self.ours(Era::New), self.ours_for_one(Era::New), self.by_hand()],
        }
    }

    /// Everybody who says which tools there are: theirs, and minimal rmcp with `our_tools`, as JSON, also.
    pub(crate) fn listing(&self, our_tools: &str) -> Vec<Contender> {
        vec![
            self.ours(Era::New),
            self.ours(Era::Session),
            self.minimal_with(Era::New, our_tools),
            self.minimal_with(Era::Session, our_tools),
            self.minimal(Era::New),
            self.fastmcp(Era::New),
            self.typescript(Era::New),
            self.python_quilt(Era::New),
        ]
    }

    /// With tokens, logs, figures and limits: the limits are there, and so high that nobody reaches them.
    pub(crate) fn ours(&self, era: Era) -> Contender {
        let mint = Some(Rc::new(Mint::Shared));
        let launch = without_limits(self.multi_tenant(era));
        Contender { name: OURS, era, launch, mint, content_type: JSON }
    }

    /// The same, spoken to so that it does not answer plain calls by itself.
    fn ours_through_rmcp(&self, era: Era) -> Contender {
        Contender { name: OURS_THROUGH_RMCP, content_type: JSON_FOR_RMCP, ..self.ours(era) }
    }

    /// With the limits that it has when nothing is configured.
    pub(crate) fn ours_with_default_limits(&self, era: Era) -> Contender {
        Contender { launch: self.multi_tenant(era), ..self.ours(era) }
    }

    fn ours_with_published_keys(&self, era: Era) -> Contender {
        let ours = self.ours(era);
        let mut launch = ours.launch.with("QUILT_MCP_CONFIG", "{HOME}/config.toml");
        launch
            .environment
            .retain(|(name, _)| !name.starts_with("QUILT_MCP_JWT") && name != "QUILT_MCP_ALLOWED_ROLES");
        let roles: Vec<_> = roles().map(|role| format!("{role:?}")).collect();
        launch.files.push((
            "config.toml".to_owned(),
            format!(
                "[[issuer]]\nissuer = {ISSUER:?}\naudience = {AUDIENCE:?}\njwks_url = \"{}/jwks.json\"\n\
                 algorithms = [\"RS256\"]\nallowed_roles = [{}]\n",
                self.endpoint,
                roles.join(", ")
            ),
        ));
        Contender {
            name: "quilt-mcp, RS256",
            era,
            launch,
            mint: Some(Rc::clone(&self.published)),
            content_type: JSON,
        }
    }

    /// For one person, without tokens.
    fn ours_for_one(&self, era: Era) -> Contender {
        // All connections are the same person's.
        let launch = without_limits(self.for_one(self.server(era)))
            .with("QUILT_MCP_MODE", "single-user")
            .with("QUILT_MCP_MAX_CONCURRENT_CALLS", "1024");
        Contender { name: "quilt-mcp, no token", era, launch, mint: None, content_type: JSON }
    }

    fn multi_tenant(&self, era: Era) -> Launch {
        self.server(era)
            .with("QUILT_MCP_MODE", "multi-tenant")
            .with("QUILT_MCP_JWT_SECRET", SECRET)
            .with("QUILT_MCP_JWT_ISSUER", ISSUER)
            .with("QUILT_MCP_JWT_AUDIENCE", AUDIENCE)
            .with("QUILT_MCP_ALLOWED_ROLES", &roles().collect::<Vec<_>>().join(","))
    }

    fn server(&self, era: Era) -> Launch {
        let launch =
            Launch { program: self.ours.clone(), arguments: vec!["serve".into()], ..Launch::default() }
                .with("QUILT_MCP_TRANSPORT", "http")
                .with("QUILT_MCP_LISTEN", "127.0.0.1:{PORT}")
                .with("QUILT_MCP_ADMIN_LISTEN", "127.0.0.1:0")
                .with("QUILT_MCP_DATA_DIR", "{HOME}/data")
                .with("QUILT_MCP_SESSIONS", if era == Era::Session { "true" } else { "false" })
                .with("QUILT_MCP_MAX_SESSIONS", "10000");
        self.with_credentials(launch, "AKIALOADLOADLOADLOAD")
    }

    /// With an access key in the environment, and where AWS is.
    fn with_credentials(&self, launch: Launch, key: &str) -> Launch {
        launch
            .with("AWS_ENDPOINT_URL", &self.endpoint)
            .with("AWS_REGION", "us-east-1")
            // The same for boto3.
            .with("AWS_DEFAULT_REGION", "us-east-1")
            .with("AWS_EC2_METADATA_DISABLED", "true")
            .with("AWS_ACCESS_KEY_ID", key)
            .with("AWS_SECRET_ACCESS_KEY", "made-up")
    }

    /// With the credentials of one tenant, as somebody has who runs a server for themselves.
    fn for_one(&self, launch: Launch) -> Launch {
        self.with_credentials(launch, &key_of(ONE))
    }

    pub(crate) fn minimal(&self, era: Era) -> Contender {
        let mode = if era == Era::Session { "sessions" } else { "stateless" };
        let arguments = ["{PORT}", mode].map(String::from).to_vec();
        let launch = Launch { program: self.minimal.clone(), arguments, ..Launch::default() };
        Contender { name: MINIMAL_RMCP, era, launch, mint: None, content_type: JSON }
    }

    fn minimal_with(&self, era: Era, tools: &str) -> Contender {
        let mut minimal = Contender { name: MINIMAL_RMCP_OUR_TOOLS, ..self.minimal(era) };
        minimal.launch.arguments.push("{HOME}/tools.json".to_owned());
        minimal.launch.files.push(("tools.json".to_owned(), tools.to_owned()));
        minimal
    }

    /// Our tools with rmcp, the AWS SDK and SQLite alone, for one person.
    fn by_hand(&self) -> Contender {
        let program = self.minimal.with_file_name("rmcp-by-hand");
        let arguments = ["{PORT}", "{HOME}/workflows.db"].map(String::from).to_vec();
        let launch = self.for_one(Launch { program, arguments, ..Launch::default() });
        Contender { name: BY_HAND, era: Era::New, launch, mint: None, content_type: JSON }
    }

    /// Without an SDK: what HTTP and JSON alone cost.
    fn floor(&self) -> Contender {
        let program = self.minimal.with_file_name("minimal-axum");
        let launch = Launch { program, arguments: vec!["{PORT}".into()], ..Launch::default() };
        Contender { name: "axum, no SDK", era: Era::Old, launch, mint: None, content_type: JSON }
    }

    fn fastmcp(&self, era: Era) -> Contender {
        let script = self.fastmcp_script.display().to_string();
        let launch = Launch {
            program: self.python.clone(),
            arguments: vec![script, "{PORT}".into()],
            ..Launch::default()
        };
        Contender { name: MINIMAL_FASTMCP, era, launch, mint: None, content_type: JSON }
    }

    fn typescript(&self, era: Era) -> Contender {
        let launch = Launch {
            program: self.node.clone(),
            arguments: vec![self.typescript_script.display().to_string(), "{PORT}".into()],
            ..Launch::default()
        };
        Contender { name: "minimal TypeScript SDK 2.4.0", era, launch, mint: None, content_type: JSON }
    }

    /// For many people: the registry looks at tokens, and gives credentials for them.
    fn python_quilt(&self, era: Era) -> Contender {
        let launch = self
            .python_quilt_as("remote")
            .with("QUILT_CATALOG_URL", &self.endpoint)
            .with("QUILT_REGISTRY_URL", &self.endpoint)
            .with("AWS_ENDPOINT_URL", &self.endpoint)
            .with("AWS_DEFAULT_REGION", "us-east-1");
        Contender { name: PYPI, era, launch, mint: Some(Rc::new(Mint::Shared)), content_type: JSON }
    }

    /// For one person, without a registry. Only so it has workflows. It is meant for stdio, and speaks HTTP if told to.
    fn python_quilt_for_one(&self) -> Contender {
        let launch = self.for_one(self.python_quilt_as("legacy")).with("FASTMCP_TRANSPORT", "http");
        Contender { name: PYPI_FOR_ONE, era: Era::New, launch, mint: None, content_type: JSON }
    }

    fn python_quilt_as(&self, deployment: &str) -> Launch {
        let program = self.python.with_file_name("quilt-mcp");
        let arguments = ["--deployment", deployment, "--skip-banner"].map(String::from).to_vec();
        Launch { program, arguments, ..Launch::default() }
            .with("FASTMCP_HOST", "127.0.0.1")
            .with("FASTMCP_PORT", "{PORT}")
    }
}

/// With limits that nobody reaches.
fn without_limits(launch: Launch) -> Launch {
    launch.with("QUILT_MCP_RATE_LIMIT", "100000000").with("QUILT_MCP_TENANT_RATE_LIMIT", "100000000")
}

fn roles() -> impl Iterator<Item = String> {
    let tenants = (0..TENANTS).map(|number| format!("tenant{number}"));
    tenants.map(|tenant| format!("{tenant}=arn:aws:iam::123456789012:role/{tenant}"))
}
