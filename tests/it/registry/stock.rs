//! The people of one stock Quilt catalog, whose tokens say `id`, `uuid` and `exp`: all that its registry gives, asked for with each
//! one's own.

use futures_util::future::try_join_all;
use quilt_tests::Result;
use quilt_tests::catalog;
use quilt_tests::client::{Answer, Client, Era};
use quilt_tests::judge::{Findings, Violation, assert_caught, assert_clean};
use quilt_tests::registry::Registry;
use quilt_tests::server::{Plan, Server};
use quilt_tests::token::TokenMint;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use super::asked_by;
use crate::stage;

const ROUNDS: usize = 3;

/// What the registry is asked in a round: for AWS credentials, through GraphQL, for an administrator, and for the index.
const ASKED: [&str; 5] = ["api/auth/get_credentials", "BucketConfigs", "Me", "UsersList", "api/search"];

/// Ada, who administers the catalog, and ben, who does not.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) registry: &'static Registry,
    pub(super) mint: TokenMint,
    pub(super) server: Server,
}

impl Scene {
    async fn with(plan: impl FnOnce(&World) -> Result<Plan>) -> Result<Self> {
        Self::trusting(plan, |plan, registry, mint| {
            let plan = plan.without_the_mint();
            let secret = plan.write("catalog-secret", mint.secret())?;
            plan.file(&catalog::table(registry.origin(), "acme", &secret))
        })
        .await
    }

    /// With a server that is told so of its catalog.
    pub(super) async fn trusting(
        plan: impl FnOnce(&World) -> Result<Plan>,
        trusts: impl FnOnce(Plan, &Registry, &TokenMint) -> Result<Plan>,
    ) -> Result<Self> {
        let registry = Registry::shared()?;
        let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
        let mint = TokenMint::new(&format!("catalog.{}.test", world.id), "none");
        registry.trust_catalog(&mint).await?;
        for (id, person) in (1..).zip(&world.people) {
            let account = person.account().numbered(id);
            let account = if id == 1 { account.who_administers() } else { account };
            registry.add_user(&mint.issuer, &account).await?;
            let given: Value = serde_json::from_str(&world.registry_credentials(person).await?)?;
            let credentials = json!({"name": person.subject, "given": given});
            registry.tell_of(&mint.issuer, "credentials", credentials).await?;
            let file = json!({"key": format!("sleep/{}.csv", person.canary), "size": 10, "ext": ".csv"});
            let documents = json!({"index": person.bucket, "documents": [file]});
            registry.tell_of(&mint.issuer, "documents", documents).await?;
        }
        let server = trusts(plan(&world)?, registry, &mint)?.start().await?;
        Ok(Self { server, world, registry, mint })
    }
}

/// A round of somebody's calls.
fn calls(person: &Person) -> [(&'static str, Value); 5] {
    [
        ("bucket_object_text", json!({"s3_uri": person.first_uri()})),
        ("bucket_list", json!({})),
        ("auth_status", json!({})),
        ("search_catalog", json!({"query": "sleep", "scope": "global"})),
        ("admin_users_list", json!({})),
    ]
}

/// What is wrong with an answer. The list of users names everybody, and only ada gets it.
fn wrong(world: &World, person: &Person, tool: &str, answer: &Answer) -> Option<String> {
    let told = answer.everything();
    let refused = (tool == "admin_users_list" && person.name() != "ada").then_some("access_denied");
    if answer.error_code() != refused {
        return Some(format!("{tool} does not answer {} as it should: {told}", person.subject));
    }
    let of = |person: &Person| {
        [&person.canary, &person.subject, &person.bucket].iter().any(|mark| told.contains(mark.as_str()))
    };
    let mut others = world.people.iter().filter(|other| other.subject != person.subject);
    if tool != "admin_users_list" && others.any(of) {
        return Some(format!("{tool} shows {} what is another's: {told}", person.subject));
    }
    (refused.is_none() && !of(person))
        .then(|| format!("{tool} does not show {} what is theirs: {told}", person.subject))
}

/// Both at once, several times, each with a token of their own: every answer is its caller's, and the registry was shown that
/// token for that caller, as often as it had to be and no other.
pub(super) async fn each_is_shown_as_themselves(scene: &Scene, besides: &[&str]) -> Result<Vec<Violation>> {
    let Scene { world, registry, mint, server } = scene;
    let mark = registry.mark().await?;
    let tokens = [catalog::token(mint, 1, "of-ada")?, catalog::token(mint, 2, "of-ben")?];
    let rounds = world.people.iter().zip(&tokens).map(|(person, token)| async move {
        let client = Client::connect(&server.url, token, Era::Stateless).await?;
        let mut answers = Vec::new();
        for (tool, arguments) in (0..ROUNDS).flat_map(|_| calls(person)) {
            answers.push((person, tool, client.call(tool, arguments).await?));
        }
        Ok::<_, quilt_tests::Trouble>(answers)
    });
    let mut findings = Findings::default();
    for (person, tool, answer) in try_join_all(rounds).await?.into_iter().flatten() {
        findings.check(wrong(world, person, tool, &answer).map_or(Ok(()), Err));
    }
    let bearers: Vec<_> = world.people.iter().zip(tokens.iter().map(String::as_str)).collect();
    let times = asked_by(&bearers, registry, &mint.issuer, mark, &mut findings).await?;
    for &operation in ASKED.iter().chain(besides) {
        let of_each = world.people.iter().map(|person| {
            times.get(&(person.subject.clone(), operation.to_owned())).copied().unwrap_or_default()
        });
        let of_each: Vec<usize> = of_each.collect();
        if of_each[0] < ROUNDS || of_each[0] != of_each[1] {
            findings.add(format!("{operation} was asked {of_each:?} times"));
        }
    }
    Ok(findings.all())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_one_catalog_are_each_shown_as_themselves() -> Result<()> {
    let scene = Scene::with(Plan::multi_tenant).await?;
    assert_clean("a stock catalog", &each_is_shown_as_themselves(&scene, &[]).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_for_all_people_of_a_catalog_is_caught() -> Result<()> {
    for (fault, expected) in [
        ("none", &[][..]),
        (
            "session",
            &["what is another's", "BucketConfigs was asked", "UsersList was asked", "api/search was asked"],
        ),
        ("grants", &["bucket_object_text does not answer", "get_credentials was asked"]),
    ] {
        let found = each_is_shown_as_themselves(&Scene::with(stage::twin(fault)).await?, &[]).await?;
        assert_eq!(found.is_empty(), expected.is_empty(), "{fault}: {found:#?}");
        assert_caught(fault, &found, expected);
    }
    Ok(())
}
