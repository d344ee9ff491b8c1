//! Credentials that would work lie wherever the AWS SDKs look, and every way of obtaining the caller's own fails. None
//! of the former is used for a caller.

use std::path::Path;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::issuer::PublishedIssuer;
use quilt_tests::key_server::KeyServer;
use quilt_tests::server::{self, Plan, Server};
use quilt_tests::substrate::{Key, Rule};
use quilt_tests::token::now;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

/// Where the poison is.
#[derive(Clone, Copy, Debug)]
enum Place {
    Environment,
    Profile,
    /// The container's, which is asked over HTTP. The instance's own is asked next, at the same address.
    MetadataService,
}

/// A server whose every issuer is there, and nothing but poison where it looks for AWS keys.
struct Poisoned {
    world: World,
    server: Server,
    bait: Key,
    registry: KeyServer,
    by_registry: PublishedIssuer,
    by_aws: PublishedIssuer,
}

impl Poisoned {
    async fn at(place: Place, program: &Path) -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::Everything).await?;
        let registry = KeyServer::start().await?;
        let by_registry =
            PublishedIssuer::start(&format!("https://registry.{}.test", world.id), "quilt").await?;
        let by_aws = PublishedIssuer::start(&format!("https://aws.{}.test", world.id), "quilt").await?;
        let roles: Vec<String> = world.allowed_roles().split(',').map(String::from).collect();
        let file = format!(
            "{}\n{}",
            by_registry.table(&format!(
                "credentials = \"registry\"\nregistry_url = {:?}\ntenants = [\"acme\"]",
                registry.origin()
            )),
            by_aws.table(&format!("credentials = \"web-identity\"\nallowed_roles = {roles:?}")),
        );
        let plan = Plan::multi_tenant_with(program, &world)?.file(&file)?.set("QUILT_TWIN", "fallback");
        let plan = plan.unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY");
        let bait = world.powerful_key().await?;
        let plan = match place {
            Place::Environment => plan.aws_key(&bait),
            Place::Profile => plan.aws_profile(&bait)?,
            Place::MetadataService => {
                let metadata = Self::metadata(&bait).await?;
                plan.unset("AWS_EC2_METADATA_DISABLED")
                    .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata)
                    .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{metadata}/credentials"))
            }
        };
        let server = plan.start().await?;
        Ok(Self { world, server, bait, registry, by_registry, by_aws })
    }

    /// Gives the bait to whoever asks. Where it is.
    async fn metadata(bait: &Key) -> Result<String> {
        let server = KeyServer::start().await?;
        let answer = json!({
            "AccessKeyId": bait.access_key_id,
            "SecretAccessKey": bait.secret_access_key,
            "Token": "none",
            "Expiration": "2100-01-01T00:00:00Z",
        });
        server.answers(200, &answer.to_string());
        Ok(server.origin())
    }

    /// Ada's call with this token: refused by the door, or by the tool. With what word; `none` if it works.
    async fn refusal(&self, token: &str) -> Result<String> {
        let client = Client::connect(&self.server.url, token, Era::Stateless).await?;
        let uri = self.world.person("ada").first_uri();
        match client.call("bucket_object_text", json!({ "s3_uri": uri })).await {
            Ok(answer) => Ok(answer.error_code().unwrap_or("none").to_owned()),
            Err(error) => Ok(error.status().ok_or_else(|| error.to_string())?.as_u16().to_string()),
        }
    }
}

/// The twin that takes what it finds succeeds where the real server must not: so the poison works, and would be seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_back_is_caught() -> Result<()> {
    for place in [Place::Environment, Place::Profile] {
        let scene = Poisoned::at(place, Path::new(env!("CARGO_BIN_EXE_twin"))).await?;
        let token = scene.world.token(scene.world.person("ada"));
        assert_eq!(scene.refusal(&token).await?, "none", "{place:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_never_used_in_the_environment() -> Result<()> {
    never_used(Place::Environment).await
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_never_used_in_a_profile() -> Result<()> {
    never_used(Place::Profile).await
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_never_used_at_a_metadata_service() -> Result<()> {
    never_used(Place::MetadataService).await
}

async fn never_used(place: Place) -> Result<()> {
    let scene = Poisoned::at(place, &server::server()?).await?;
    let world = &scene.world;
    let ada = world.person("ada");
    let mark = world.substrate.mark().await?;
    let good = world.token(ada);
    let mut tried = 0;

    // STS does not give the role: as it is, since the poison's owner is not trusted with it, and in other words.
    for (status, code) in [
        (403, "AccessDenied"),
        (403, "ExpiredToken"),
        (400, "RegionDisabledException"),
        (400, "PackedPolicyTooLarge"),
        (400, "ValidationError"),
        (503, "ServiceUnavailable"),
    ] {
        let rule = Rule::on("sts:AssumeRole").by_role(&ada.role_arn).fails(status, code);
        let fault = world.substrate.inject(rule).await?;
        assert_eq!(scene.refusal(&good).await?, "credentials_unavailable", "{place:?} {code}");
        assert!(fault.lift().await? >= 1, "{place:?} {code}");
        tried += 1;
    }
    assert_eq!(scene.refusal(&good).await?, "credentials_unavailable", "{place:?}: not trusted");
    tried += 1;

    // The registry gives nothing.
    let of_registry = scene.by_registry.good("ES256", ada)?;
    for (status, body) in [(401, "{}"), (503, ""), (200, "{}")] {
        scene.registry.answers(status, body);
        assert_eq!(scene.refusal(&of_registry).await?, "credentials_unavailable", "{place:?} {status}");
        tried += 1;
    }

    // AWS does not know the issuer.
    assert_eq!(
        scene.refusal(&scene.by_aws.good("RS256", ada)?).await?,
        "credentials_unavailable",
        "{place:?}"
    );
    tried += 1;

    // The token is no good any more.
    let expired = world.mint.claims(ada).with("exp", json!(now() - 60)).signed();
    assert_eq!(scene.refusal(&expired).await?, "401", "{place:?}");
    tried += 1;
    assert_eq!(tried, 12);

    let entries = world.substrate.since(mark).await?;
    let of_this_world = |entry: &&quilt_tests::substrate::Entry| {
        world.owns(entry) || entry.access_key_id.as_ref() == Some(&scene.bait.access_key_id)
    };
    let reached: Vec<_> = entries.iter().filter(of_this_world).filter(|entry| entry.is_s3()).collect();
    assert!(reached.is_empty(), "{place:?}: {reached:#?}");
    Ok(())
}
