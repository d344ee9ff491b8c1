//! Forged tokens at the real door, each by one trick: none is taken. And ten thousand good ones: each is.

mod forged;

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use quilt_tests::Result;
use quilt_tests::catalog::CatalogRegistry;
use quilt_tests::issuer::{ALGORITHMS, PublishedIssuer};
use quilt_tests::server::{Plan, Server};
use quilt_tests::token::now;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use self::forged::Forger;

/// How many requests are under way at once.
const TOGETHER: usize = 16;
/// How many good tokens are tried.
const GOOD: usize = 10_000;

/// A server that trusts four issuers: one by a shared secret, two by published keys, and a stock Quilt catalog.
struct Door {
    world: World,
    issuer: PublishedIssuer,
    other: PublishedIssuer,
    catalog: CatalogRegistry,
    server: Server,
    http: reqwest::Client,
}

/// What a caller sees of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    challenge: Option<String>,
    body: String,
}

impl Door {
    async fn open() -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
        let issuer = PublishedIssuer::start(&format!("https://keys.{}.test", world.id), "quilt-mcp").await?;
        let other =
            PublishedIssuer::start(&format!("https://other.{}.test", world.id), "quilt-other").await?;
        let roles: Vec<String> = world.allowed_roles().split(',').map(String::from).collect();
        let own = format!("allowed_roles = {roles:?}");
        let account = world.substrate.account();
        let others = format!("allowed_roles = [\"elsewhere=arn:aws:iam::{account}:role/elsewhere-*\"]");
        let (plan, catalog) = (Plan::multi_tenant(&world)?, CatalogRegistry::start().await?);
        let secret = plan.write("catalog-secret", catalog.mint.secret())?;
        let tables = [issuer.table(&own), other.table(&others), catalog.table("acme", &secret)];
        // The door opens before the issuers have been asked for their keys.
        let server = plan.file(&tables.join("\n"))?.start().await?;
        let door = Self { world, issuer, other, catalog, server, http: reqwest::Client::new() };
        assert_eq!(door.seen(&door.catalog.issue(1)?).await?.status, 200, "the catalog's own");
        for algorithm in ALGORITHMS {
            let token = door.issuer.good(algorithm, door.world.person("ada"))?;
            assert_eq!(door.seen(&token).await?.status, 200, "{algorithm}");
        }
        Ok(door)
    }

    async fn seen(&self, token: &str) -> Result<Seen> {
        let mut value = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes())?;
        value.set_sensitive(true);
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        let answer = self.http.post(&self.server.url).header(AUTHORIZATION, value).json(&ping).send().await?;
        Ok(Seen {
            status: answer.status().as_u16(),
            challenge: answer
                .headers()
                .get("www-authenticate")
                .and_then(|value| value.to_str().ok())
                .map(String::from),
            body: answer.text().await?,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn no_forged_token_is_taken_and_none_can_be_told_from_another() -> Result<()> {
    let door = Door::open().await?;
    let stranger = PublishedIssuer::start(&door.issuer.issuer, &door.issuer.audience).await?;
    let forged = Forger {
        issuer: &door.issuer,
        other: &door.other,
        stranger: &stranger,
        mint: &door.world.mint,
        catalog: &door.catalog.mint,
        ada: door.world.person("ada"),
        ben: door.world.person("ben"),
    }
    .all()?;
    let different: BTreeSet<&str> = forged.iter().map(|(_, token)| token.as_str()).collect();
    println!("bars 6 and 8: {} different forged tokens", different.len());
    assert!(different.len() >= 3_000, "{} tokens", different.len());
    let expected = door.seen("no.token.atall").await?;
    assert_eq!(expected.status, 401);
    let mut answers = stream::iter(&forged)
        .map(|(trick, token)| {
            let door = &door;
            async move { (trick, token, door.seen(token).await) }
        })
        .buffer_unordered(TOGETHER);
    while let Some((trick, token, seen)) = answers.next().await {
        // Some are so odd that HTTP itself does not carry them.
        if let Ok(seen) = seen {
            assert_eq!(seen, expected, "{trick}: {token:.200}");
        } else {
            assert!(!token.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{trick}: {seen:?}");
        }
    }
    drop(answers);
    assert_eq!(door.catalog.asked(), [], "no token was shown to the catalog's registry");
    // The keys of an issuer who was asked for that many that do not exist.
    assert!(door.issuer.server.asked().len() <= 3, "{} fetches", door.issuer.server.asked().len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_good_token_is_taken() -> Result<()> {
    let door = Door::open().await?;
    let mut answers = stream::iter(0..GOOD)
        .map(|number| {
            let door = &door;
            async move {
                let (what, token) = good(door, number)?;
                Ok::<_, quilt_tests::Trouble>((what, door.seen(&token).await?))
            }
        })
        .buffer_unordered(TOGETHER);
    let mut taken = 0;
    while let Some(answer) = answers.next().await {
        let (what, seen) = answer?;
        assert_eq!(seen.status, 200, "{what}: {seen:?}");
        taken += 1;
    }
    assert_eq!(taken, GOOD);
    Ok(())
}

/// A good token unlike any before, and what it says.
fn good(door: &Door, number: usize) -> Result<(String, String)> {
    let random = Uuid::new_v4();
    let pick = |at: usize, of: usize| usize::from(random.as_bytes()[at]) % of;
    let person = &door.world.people[pick(0, 2)];
    let shared = number % 10 == 9;
    let mut claims: Map<String, Value> =
        if shared { door.world.mint.claims(person).into_object() } else { door.issuer.claims(person) };
    let audience = claims["aud"].clone();
    let alphabet: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain("._:@|-".chars()).collect();
    let length = 1 + pick(1, 128);
    let subject: String =
        (0..length).map(|at| alphabet[(pick(2 + at % 14, 256) + at * 7) % alphabet.len()]).collect();
    claims.insert("sub".into(), json!(subject));
    claims.insert("jti".into(), json!(random.to_string()));
    claims.insert("exp".into(), json!(now() + 60 + 300 * pick(3, 200) as u64));
    match pick(4, 4) {
        0 => drop(claims.remove("iat")),
        1 => drop(claims.insert("nbf".into(), json!(now()))),
        2 => drop(claims.insert("iat".into(), json!(now() - 1000))),
        _ => {}
    }
    match pick(5, 3) {
        0 => drop(claims.insert("aud".into(), json!([audience]))),
        1 => drop(claims.insert("aud".into(), json!(["https://somewhere.test", audience]))),
        _ => {}
    }
    if pick(6, 2) == 0 {
        claims.insert("scope".into(), json!("openid profile"));
        claims.insert("https://example.test/extra".into(), json!({"deep": [1, {"er": null}]}));
    }
    if pick(7, 4) == 0 {
        claims.insert("session_tags".into(), json!({"team": "blue", "cost center": "a/b=c@d"}));
    }
    let algorithm = if shared { "HS256" } else { ALGORITHMS[number % 10] };
    let mut header = json!({ "alg": algorithm });
    match pick(8, 4) {
        0 => header["typ"] = json!("JWT"),
        1 => header["typ"] = json!("at+jwt"),
        2 => header["typ"] = json!("AT+JWT"),
        _ => {}
    }
    let claims = Value::Object(claims).to_string();
    let what = format!("{algorithm} {header} {claims}");
    if shared {
        return Ok((what, door.world.mint.sign(&header.to_string(), &claims)?));
    }
    let key = door.issuer.key(algorithm);
    header["kid"] = json!(key.id);
    Ok((what, key.sign(algorithm, &header.to_string(), &claims)?))
}
