//! The people of a stock Quilt catalog whose secret the server does not have: before each request it asks their registry whose
//! token it is.

use quilt_tests::Result;
use quilt_tests::catalog::{self, digest};
use quilt_tests::judge::{Findings, Violation, assert_caught, assert_clean};
use quilt_tests::registry::{Asked, Mark};
use quilt_tests::server::Plan;
use quilt_tests::token::{TokenMint, now};
use quilt_tests::world::World;
use serde_json::{Value, json};

use super::stock::{Scene, each_is_shown_as_themselves};
use crate::stage::{self, Seen};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
/// How the record calls the question.
const QUESTION: &str = "Vouch";

impl Scene {
    /// The issuer of every world is beside the catalog.
    async fn vouched(plan: impl FnOnce(&World) -> Result<Plan>) -> Result<Self> {
        Self::trusting(plan, |plan, registry, _| {
            plan.file(&catalog::table_without_secret(registry.origin(), "acme"))
        })
        .await
    }

    async fn seen(&self, token: &str) -> Result<Seen> {
        stage::seen(&reqwest::Client::new(), &self.server.url, token).await
    }

    /// A token that the catalog has given to whoever has this `id`.
    fn token(&self, id: u64, uuid: &str) -> Result<String> {
        catalog::token(&self.mint, id, uuid)
    }

    /// What the registry was asked about a token.
    async fn questions(&self, mark: Mark, token: &str) -> Result<Vec<Asked>> {
        let (all, token) = (self.registry.since(mark).await?, digest(token));
        Ok(all.into_iter().filter(|asked| asked.token_sha256.as_ref() == Some(&token)).collect())
    }
}

/// The sound twin is clean, and at each of these faults all that is listed with it is found.
async fn catches(
    check: impl AsyncFn(&Scene) -> Result<Vec<Violation>>,
    faults: &[(&'static str, &[&str])],
) -> Result<()> {
    assert_clean("the sound twin", &check(&Scene::vouched(stage::twin("none")).await?).await?);
    for (fault, listed) in faults {
        let found = check(&Scene::vouched(stage::twin(fault)).await?).await?;
        assert_caught(fault, &found, listed);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_a_catalog_that_vouches_are_each_shown_as_themselves() -> Result<()> {
    let scene = Scene::vouched(Plan::multi_tenant).await?;
    assert_clean("a catalog that vouches", &each_is_shown_as_themselves(&scene, &[QUESTION]).await?);
    Ok(())
}

/// Who made up a token is refused as whoever sends nonsense, after one question with that very token; and what is no token of a
/// catalog is shown to nobody, even if the registry would take it.
async fn strangers_are_kept_out(scene: &Scene) -> Result<Vec<Violation>> {
    let mut findings = Findings::default();
    let good = [scene.token(1, "of-ada")?, scene.token(2, "of-ben")?];
    for token in &good {
        findings.check(match scene.seen(token).await?.status {
            200 => Ok(()),
            other => Err(format!("a good token gets {other}")),
        });
    }
    let refused = scene.seen("no.token.atall").await?;
    assert_eq!(refused.status, 401);
    let mark = scene.registry.mark().await?;
    let (hers, _) = good[0].rsplit_once('.').ok_or("a token has parts")?;
    let (_, of_ben) = good[1].rsplit_once('.').ok_or("a token has parts")?;
    let (_, of_another) = scene
        .token(1, "another")?
        .rsplit_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .ok_or("parts")?;
    let stranger = TokenMint::new("stranger", "none");
    for (what, forged) in [
        ("ada's claims under ben's signature", format!("{hers}.{of_ben}")),
        ("ada's claims under that of another token of hers", format!("{hers}.{of_another}")),
        ("ada's claims in a stranger's hand", catalog::token(&stranger, 1, "of-ada")?),
        ("ada's claims in that of the issuer beside it", catalog::token(&scene.world.mint, 1, "of-ada")?),
        ("nobody's claims", catalog::token(&stranger, 4711, "of-nobody")?),
        ("an account that is not there", scene.token(4711, "of-nobody")?),
    ] {
        if scene.seen(&forged).await? != refused {
            findings.add(format!("{what}: not refused like any other"));
        }
        let asked = scene.questions(mark, &forged).await?;
        if !matches!(&asked[..], [once] if once.operation == QUESTION && once.subject.is_none()) {
            findings.add(format!("{what}: the registry was asked {asked:?}"));
        }
    }
    let sound = json!({"id": 1, "uuid": "of-ada", "exp": now() + 600});
    let with = |name: &str, value: Value| {
        let mut claims = sound.clone();
        claims[name] = value;
        scene.mint.sign(HEADER, &claims.to_string())
    };
    for (what, token) in [
        ("expired", with("exp", json!(now() - 31))?),
        ("for ever", with("exp", json!(now() + 2 * 24 * 3600))?),
        ("a scope", with("scope", json!("quilt:admin"))?),
        ("a tenant", with("tenant", json!("globex"))?),
        ("an issuer", with("iss", json!(scene.registry.origin()))?),
        ("unsigned", scene.mint.sign(r#"{"alg":"none"}"#, &sound.to_string())?),
        ("another algorithm", scene.mint.sign(r#"{"alg":"HS512"}"#, &sound.to_string())?),
        ("a key of its own", scene.mint.sign(r#"{"alg":"HS256","jwk":{}}"#, &sound.to_string())?),
    ] {
        if scene.seen(&token).await? != refused {
            findings.add(format!("{what}: not refused like any other"));
        }
        if !scene.questions(mark, &token).await?.is_empty() {
            findings.add(format!("{what}: shown to the registry"));
        }
    }
    for token in &good {
        if scene.seen(token).await?.status != 200 {
            findings.add("a good token is no longer taken".to_owned());
        }
    }
    let signatures = [of_ben, &of_another].into_iter();
    findings.check(
        match signatures.filter(|signature| scene.server.log.text().contains(*signature)).count() {
            0 => Ok(()),
            some => Err(format!("{some} signatures are in the log")),
        },
    );
    Ok(findings.all())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_made_up_a_token_is_kept_out() -> Result<()> {
    let scene = Scene::vouched(Plan::multi_tenant).await?;
    assert_clean("a catalog that vouches", &strangers_are_kept_out(&scene).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_nobody_or_knows_people_by_their_id_is_caught() -> Result<()> {
    let anybodys = "ada's claims in a stranger's hand: not refused";
    let faults: [(_, &[_]); 2] = [
        ("unasked", &[anybodys, "nobody's claims: not refused"]),
        ("known-by-id", &[anybodys, "under ben's signature: not refused"]),
    ];
    catches(strangers_are_kept_out, &faults).await
}

/// Whose account is closed is refused at the next request, with whatever token, and nobody else is; and let in again when it is
/// open again.
async fn who_has_left_is_out(scene: &Scene) -> Result<Vec<Violation>> {
    let mut findings = Findings::default();
    let (ada, ben) = (scene.token(1, "of-ada")?, scene.token(2, "of-ben")?);
    let refused = scene.seen("no.token.atall").await?;
    assert_eq!((scene.seen(&ada).await?.status, scene.seen(&ben).await?.status), (200, 200));
    let account = scene.world.person("ada").account().numbered(1);
    scene.registry.add_user(&scene.mint.issuer, &account.clone().who_has_left()).await?;
    for (what, token) in [("the token she had", ada), ("a new one", scene.token(1, "renewed")?)] {
        let seen = scene.seen(&token).await?;
        if seen != refused {
            findings.add(format!("ada has left, and with {what} gets {}", seen.status));
        }
    }
    let beside = scene.world.token(scene.world.person("ada"));
    for (what, token) in [("ben", ben), ("ada, who at another issuer is somebody else,", beside)] {
        let status = scene.seen(&token).await?.status;
        findings.check(if status == 200 { Ok(()) } else { Err(format!("{what} gets {status}")) });
    }
    scene.registry.add_user(&scene.mint.issuer, &account).await?;
    let status = scene.seen(&scene.token(1, "back-again")?).await?.status;
    findings.check(if status == 200 { Ok(()) } else { Err(format!("ada is back, and gets {status}")) });
    Ok(findings.all())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_is_refused_at_the_next_request() -> Result<()> {
    let scene = Scene::vouched(Plan::multi_tenant).await?;
    assert_clean("a catalog that vouches", &who_has_left_is_out(&scene).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_on_knowing_who_has_left_is_caught() -> Result<()> {
    let taken: &[_] =
        &["ada has left, and with the token she had gets 200", "ada has left, and with a new one gets 200"];
    catches(who_has_left_is_out, &[("known-by-id", taken), ("unasked", taken)]).await
}
