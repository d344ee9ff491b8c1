//! Credentials that would work lie wherever the AWS SDKs look, and every way of obtaining the caller's own fails. None
//! of the former is used for a caller.

use std::path::Path;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::issuer::PublishedIssuer;
use quilt_tests::key_server::KeyServer;
use quilt_tests::metadata::MetadataService;
use quilt_tests::server::{self, Plan, Server};
use quilt_tests::substrate::{Entry, Key, Mark, Rule};
use quilt_tests::token::now;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

/// Where the poison is.
#[derive(Clone, Copy, Debug)]
enum Place {
    Environment,
    Profile,
    Container,
    Instance,
}

/// Ways of failing that every server is tried with.
const FAILURES: usize = 12;

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
        let (plan, bait) = Self::poison(plan, &world, place).await?;
        let server = plan.start().await?;
        Ok(Self { world, server, bait, registry, by_registry, by_aws })
    }

    async fn poison(plan: Plan, world: &World, place: Place) -> Result<(Plan, Key)> {
        if let Place::Environment | Place::Profile = place {
            let bait = world.powerful_key().await?;
            let plan = match place {
                Place::Environment => plan.aws_key(&bait),
                _ => plan.aws_profile(&bait)?,
            };
            return Ok((plan, bait));
        }
        let session = world.powerful_session().await?;
        let bait = session.key.clone();
        let service = MetadataService::giving(session).await?;
        let plan = match place {
            Place::Container => plan.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &service.container()),
            _ => plan
                .unset("AWS_EC2_METADATA_DISABLED")
                .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.instance()),
        };
        Ok((plan, bait))
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

/// The twin that takes what it finds succeeds where the real server must not, each time: so the poison works wherever it
/// is, and would be seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_back_is_caught() -> Result<()> {
    for place in [Place::Environment, Place::Profile, Place::Container, Place::Instance] {
        let scene = Poisoned::at(place, Path::new(env!("CARGO_BIN_EXE_twin"))).await?;
        let mark = scene.world.substrate.mark().await?;
        let answers = fails_in_every_way(&scene).await?;
        let unseen: Vec<_> = answers.iter().filter(|(_, word)| word != "none").collect();
        assert!(unseen.is_empty(), "{place:?}: {unseen:?}");
        let reached = reached(&scene, mark).await?;
        let baited = |entry: &&Entry| entry.access_key_id.as_ref() == Some(&scene.bait.access_key_id);
        assert!(reached.iter().filter(baited).count() >= FAILURES, "{place:?}: {reached:#?}");
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
async fn poison_is_never_used_at_a_containers_metadata_service() -> Result<()> {
    never_used(Place::Container).await
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_never_used_at_an_instances_metadata_service() -> Result<()> {
    never_used(Place::Instance).await
}

async fn never_used(place: Place) -> Result<()> {
    let scene = Poisoned::at(place, &server::server()?).await?;
    let (world, ada) = (&scene.world, scene.world.person("ada"));
    let mark = world.substrate.mark().await?;
    for (failure, word) in fails_in_every_way(&scene).await? {
        assert_eq!(word, "credentials_unavailable", "{place:?}: {failure}");
    }
    // The token is no good any more: refused before anybody looks for credentials.
    let expired = world.mint.claims(ada).with("exp", json!(now() - 60)).signed();
    assert_eq!(scene.refusal(&expired).await?, "401", "{place:?}");
    let reached = reached(&scene, mark).await?;
    assert!(reached.is_empty(), "{place:?}: {reached:#?}");
    Ok(())
}

/// What ada is told when her credentials cannot be had, by what went wrong.
async fn fails_in_every_way(scene: &Poisoned) -> Result<Vec<(String, String)>> {
    let (world, ada) = (&scene.world, scene.world.person("ada"));
    let good = world.token(ada);
    let mut answers = Vec::new();

    // STS does not give the role: in other words, and as it is, since the poison's owner is not trusted with it.
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
        answers.push((code.to_owned(), scene.refusal(&good).await?));
        assert!(fault.lift().await? >= 1, "{code}");
    }
    answers.push(("not trusted".to_owned(), scene.refusal(&good).await?));

    // The registry gives nothing.
    let of_registry = scene.by_registry.good("ES256", ada)?;
    for (status, body) in [(401, "{}"), (403, "{}"), (503, ""), (200, "{}")] {
        scene.registry.answers(status, body);
        answers.push((format!("registry: {status}"), scene.refusal(&of_registry).await?));
    }

    // AWS does not know the issuer.
    let of_aws = scene.by_aws.good("RS256", ada)?;
    answers.push(("unknown issuer".to_owned(), scene.refusal(&of_aws).await?));
    assert_eq!(answers.len(), FAILURES);
    Ok(answers)
}

/// What S3 was asked since, for this world or with its poison.
async fn reached(scene: &Poisoned, mark: Mark) -> Result<Vec<Entry>> {
    let entries = scene.world.substrate.since(mark).await?;
    let baited = |entry: &Entry| entry.access_key_id.as_ref() == Some(&scene.bait.access_key_id);
    let ours = |entry: &Entry| scene.world.owns(entry) || baited(entry);
    Ok(entries.into_iter().filter(|entry| ours(entry) && entry.is_s3()).collect())
}
