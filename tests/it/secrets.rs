//! No secret in anything the server writes, however it is asked to talk and in whatever form it might write it.

use std::path::Path;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use quilt_tests::client::{Client, Era};
use quilt_tests::judge::{Violation, assert_clean};
use quilt_tests::server::Plan;
use quilt_tests::world::ServerRights;
use quilt_tests::{Result, workspace};

use crate::tools::{self, Turn, Verdict};

/// A secret, and what to call it.
struct Secret {
    name: String,
    value: String,
}

impl Secret {
    fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }

    /// How it could be written.
    fn forms(&self) -> Vec<String> {
        let bytes = self.value.as_bytes();
        let hexadecimal = hex::encode(bytes);
        let percent: String = bytes
            .iter()
            .map(|&byte| match byte {
                byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect();
        let escaped = self.value.replace('/', "\\/");
        let mut forms = vec![self.value.clone(), hexadecimal.to_uppercase(), hexadecimal, percent, escaped];
        for engine in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
            forms.extend((0..3).map(|offset| within_base64(engine, bytes, offset)));
        }
        forms
    }

    fn is_in(&self, text: &str) -> bool {
        self.forms().iter().any(|form| text.contains(form.as_str()))
    }
}

/// The characters of base64 that depend on `bytes` alone, when `offset` other bytes stand before them.
fn within_base64(engine: &impl Engine, bytes: &[u8], offset: usize) -> String {
    let text = engine.encode([&[0; 2][..offset], bytes].concat());
    let (before, after) = ((offset * 8).div_ceil(6), (offset + bytes.len()) * 8 / 6);
    text[before..after].to_owned()
}

/// Every tool for everybody about everybody's, with a server that says all it can be made to say. Then what it wrote is
/// searched for every secret that was in play.
async fn shown_secrets(binary: Option<&Path>) -> Result<Vec<Violation>> {
    let world = tools::world(ServerRights::OnlyExchange).await?;
    let plan = match binary {
        None => Plan::multi_tenant(&world)?,
        Some(twin) => Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "secrets"),
    };
    let mut server = plan.set("QUILT_MCP_LOG", "trace").start().await?;

    let mut secrets = vec![
        Secret::new("the JWT secret", world.mint.secret()),
        Secret::new("the server's secret key", &world.server_key.secret_access_key),
    ];
    for era in [Era::Stateless, Era::Initialize] {
        let mut clients = Vec::new();
        for person in &world.people {
            let token = world.token(person);
            clients.push((person, Client::connect(&server.url, &token, era).await?));
            let signature = token.rsplit('.').next().unwrap_or_default().to_owned();
            secrets.push(Secret::new(format!("a token of {}", person.subject), token));
            secrets.push(Secret::new(format!("the signature of a token of {}", person.subject), signature));
        }
        let round = if era == Era::Stateless { "new" } else { "old" };
        for (person, client) in &clients {
            let own = Turn { asker: person, owner: person, round };
            tools::prepare(client, &tools::cases(), &own).await.into_iter().collect::<Verdict>()?;
        }
        for case in tools::cases() {
            for (asker, client) in &clients {
                for owner in &world.people {
                    let turn = Turn { asker, owner, round };
                    client.call(case.tool, (case.ask)(&turn)).await?;
                }
            }
        }
    }
    // A bad token is a secret, too: it may be good elsewhere.
    let stray = "stray-token-of-another-server";
    let refused = Client::connect(&server.url, stray, Era::Initialize).await;
    assert!(refused.is_err(), "a token that is none");
    secrets.push(Secret::new("a bad token", stray));

    for person in &world.people {
        let issued = world.substrate.secrets_of(&person.role_arn).await?;
        assert!(!issued.is_empty(), "nothing was exchanged for {}", person.subject);
        let name = format!("a secret of a session of {}", person.subject);
        secrets.extend(issued.into_iter().map(|secret| Secret::new(name.clone(), secret)));
    }
    server.is_judged_by_the_test();
    let (log, output) = (server.log.clone(), server.output.clone());
    assert!(server.terminate().await?.success());
    log.closed().await;
    output.closed().await;
    assert!(log.lines().len() > 100, "a server that was asked for a trace has more to say:\n{}", log.text());
    let written = [("standard error", log.text()), ("standard output", output.text())];
    let mut shown = Vec::new();
    for (place, text) in &written {
        let found = secrets.iter().filter(|secret| secret.is_in(text));
        shown.extend(found.map(|secret| Violation(format!("{} is in {place}", secret.name))));
    }
    Ok(shown)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_written_holds_a_secret() -> Result<()> {
    assert_clean("secrets in what the server writes", &shown_secrets(None).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_writes_keys_down_in_another_form_is_caught() -> Result<()> {
    let shown = shown_secrets(Some(Path::new(env!("CARGO_BIN_EXE_twin")))).await?;
    let caught = shown.iter().any(|violation| violation.0.contains("a secret of a session"));
    assert!(caught, "the twin was not caught; found: {shown:#?}");
    Ok(())
}

/// What `.ci/run` makes of the lines that servers and callers leave: a find fails, and so does too little to find anything in.
#[test]
fn the_sum_of_what_was_searched_fails_on_a_find_and_on_too_little() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("scanned-output");
    let searched =
        || std::process::Command::new(workspace().join(".ci/run")).arg("searched").arg(&file).output();
    assert!(!searched()?.status.success(), "nothing was searched");
    for (lines, well, said) in [
        ("60000000 0 server\n50000000 0 caller\n", true, "110000000 bytes searched"),
        ("60000000 0 server\n50000000 1 caller\n", false, " 1 found"),
        ("60000000 0 server\n39999999 0 caller\n", false, "fewer than the 100000000 bytes"),
        ("", false, "fewer than"),
    ] {
        std::fs::write(&file, lines)?;
        let output = searched()?;
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() == well && text.contains(said), "{lines}: {text}");
    }
    Ok(())
}

#[test]
fn a_secret_is_found_in_every_form() {
    let secret = Secret::new("a secret", "wJalr/XUtn+FEMI~K7MDENG");
    let value = &secret.value;
    for before in ["", "a", "ab", "abc"] {
        let around = format!("{before}{value}yz");
        for engine in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
            assert!(secret.is_in(&engine.encode(&around)), "base64 of {around}");
        }
        assert!(secret.is_in(&around) && secret.is_in(&hex::encode(&around)));
        assert!(secret.is_in(&hex::encode_upper(&around)));
    }
    assert!(secret.is_in("x=wJalr%2FXUtn%2BFEMI%7EK7MDENG&y"));
    assert!(secret.is_in(r#""wJalr\/XUtn+FEMI~K7MDENG""#));
    for other in ["", "wJalr/XUtn+FEMI~K7MDEN", "another secret of this length"] {
        assert!(!secret.is_in(other), "{other}");
    }
}
