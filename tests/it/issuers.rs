//! Issuers that publish keys, and what their tokens are exchanged for.

mod catalog;
mod kept;
mod keys;
mod scopes;
mod sources;
mod vouched;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::issuer::PublishedIssuer;
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{ServerRights, World, ada_and_ben};

/// Ada and ben, and a server that trusts one issuer who publishes keys.
struct Scene {
    world: World,
    issuer: PublishedIssuer,
    server: Server,
}

impl Scene {
    /// `lines` stand in the issuer's table besides its keys.
    async fn with(lines: impl FnOnce(&World) -> String, change: impl FnOnce(Plan) -> Plan) -> Result<Self> {
        Self::of(lines, change, |_| {}).await
    }

    /// The issuer is told something before the server starts.
    async fn whose_issuer(is_told: impl FnOnce(&PublishedIssuer)) -> Result<Self> {
        Self::of(roles, |plan| plan, is_told).await
    }

    async fn of(
        lines: impl FnOnce(&World) -> String,
        change: impl FnOnce(Plan) -> Plan,
        is_told: impl FnOnce(&PublishedIssuer),
    ) -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::Everything).await?;
        let issuer = PublishedIssuer::start(&format!("https://keys.{}.test", world.id), "quilt-mcp").await?;
        is_told(&issuer);
        let plan = Plan::multi_tenant(&world)?.without_the_mint();
        let server = change(plan.file(&issuer.table(&lines(&world)))?).start().await?;
        Ok(Self { world, issuer, server })
    }

    /// A caller with a good token, signed with `algorithm`.
    async fn client(&self, algorithm: &str, name: &str) -> Result<Client> {
        self.client_with(&self.issuer.good(algorithm, self.world.person(name))?).await
    }

    async fn client_with(&self, token: &str) -> Result<Client> {
        Ok(Client::connect(&self.server.url, token, Era::Stateless).await?)
    }

    /// The HTTP status that a token gets.
    async fn status(&self, token: &str) -> Result<u16> {
        self.status_by(&reqwest::Client::new(), token).await
    }

    /// The same, over connections that others use too.
    async fn status_by(&self, http: &reqwest::Client, token: &str) -> Result<u16> {
        let ping = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        let answer = http.post(&self.server.url).bearer_auth(token).json(&ping).send().await?;
        Ok(answer.status().as_u16())
    }
}

/// The tenants' roles, as a line of an issuer's table.
fn roles(world: &World) -> String {
    let pairs: Vec<String> = world.allowed_roles().split(',').map(String::from).collect();
    format!("allowed_roles = {pairs:?}")
}
