//! What no caller is to be told.

use quilt_tests::canary::{MARK, without_signed_links};
use quilt_tests::server::Server;
use quilt_tests::world::{Person, World};
use serde_json::Value;

/// Pieces of what only the server, or those who wrote it, have a use for, with what they are.
const INNARDS: &[(&str, &[&str])] = &[
    (
        "a path",
        &[
            "/home/", "/root/", "/tmp/", "/usr/", "/var/", "/srv/", "/etc/", "/opt/", "/proc/", ".rs:",
            ".py\"", ".db", ".cargo", "rustc/",
        ],
    ),
    (
        "SQL",
        &[
            "SELECT ",
            "INSERT INTO",
            "UPDATE ",
            "DELETE FROM",
            "PRAGMA",
            "sqlite",
            "SQLITE",
            "constraint failed",
            "no such table",
            "rusqlite",
        ],
    ),
    (
        "a stack",
        &[
            "panicked at",
            "stack backtrace",
            "Traceback",
            "RUST_BACKTRACE",
            "{{closure}}",
            "core::",
            "std::",
            "tokio::",
            "quilt_mcp::",
            "hyper",
            "reqwest",
            "aws_sdk",
            "aws_smithy",
            "serde_json",
            "os error",
            "unwrap",
        ],
    ),
    ("a key", &["AKIA", "ASIA", MARK, "-----BEGIN", "aws_secret", "SecretAccessKey"]),
];

/// Looks at what somebody is told.
pub(super) struct Eye<'w> {
    world: &'w World,
    reader: &'w Person,
    secrets: Vec<(&'static str, String)>,
}

impl<'w> Eye<'w> {
    pub(super) fn of(world: &'w World, reader: &'w Person, server: &Server) -> Self {
        let substrate = world.substrate.endpoint();
        let mut secrets = vec![
            ("the server's key", world.server_key.access_key_id.clone()),
            ("the server's key", world.server_key.secret_access_key.clone()),
            ("the signing secret", world.mint.secret().to_owned()),
            ("where AWS is", substrate.trim_start_matches("http://").to_owned()),
            ("the operator's address", server.admin_url.trim_start_matches("http://").to_owned()),
        ];
        let registry =
            world.registry.map(|registry| registry.origin().trim_start_matches("http://").to_owned());
        secrets.extend(registry.map(|origin| ("where the registry is", origin)));
        Self { world, reader, secrets }
    }

    /// What it sees, leaving aside what the reader has said, and what is the reader's own.
    pub(super) fn sees(&self, told: &str, said: &Value) -> Vec<String> {
        let mut rest = without_signed_links(told).into_owned();
        for own in texts(said) {
            // Once as it is, and once more as JSON has it: errors come as JSON in JSON.
            let escaped =
                |text: &str| serde_json::to_string(text).unwrap_or_default().trim_matches('"').to_owned();
            for form in [escaped(&escaped(&own)), escaped(&own), own.escape_debug().to_string(), own] {
                if form.len() > 2 {
                    rest = rest.replace(&form, "");
                }
            }
        }
        let mut seen = Vec::new();
        for (what, pieces) in INNARDS {
            seen.extend(
                pieces.iter().filter(|piece| rest.contains(*piece)).map(|piece| format!("{what}: {piece}")),
            );
        }
        seen.extend(
            self.secrets.iter().filter(|(_, text)| rest.contains(text)).map(|(what, _)| (*what).to_owned()),
        );
        let role = self.reader.role_arn.rsplit('/').next().unwrap_or_default();
        for arn in rest.split("arn:aws").skip(1) {
            let arn: String =
                arn.chars().take_while(|c| c.is_ascii_alphanumeric() || ":/_-.*@+=".contains(*c)).collect();
            if !arn.contains(role) && !arn.contains(&self.reader.bucket) {
                seen.push(format!("an ARN of another: arn:aws{arn}"));
            }
        }
        for other in self.world.people.iter().filter(|person| person.subject != self.reader.subject) {
            for text in [&other.canary, &other.subject, &other.tenant, &other.bucket] {
                if rest.contains(text) {
                    seen.push(format!("what is another's: {text}"));
                }
            }
        }
        seen
    }
}

/// Every text in a value, the longest first: one may hold another.
fn texts(value: &Value) -> Vec<String> {
    let mut all = match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| [vec![name.clone()], texts(value)].concat()).collect()
        }
        _ => Vec::new(),
    };
    // Of an object's address the bucket is told of by itself, too.
    let parts: Vec<String> = all
        .iter()
        .filter_map(|text| text.strip_prefix("s3://")?.split('/').next().map(String::from))
        .collect();
    all.extend(parts);
    all.sort_by_key(|text| std::cmp::Reverse(text.len()));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reveals_something_is_seen() -> quilt_tests::Result<()> {
    let stage = crate::stage::Stage::of_two().await?;
    let (ada, ben) = (stage.person("ada"), stage.person("ben"));
    let eye = Eye::of(&stage.world, ada, &stage.server);
    let said = serde_json::json!({"s3_uri": ben.first_uri(), "query": "SELECT 1"});
    let own = format!("{} may not read {}: SELECT 1", ada.role_arn, ben.first_uri());
    assert_eq!(eye.sees(&own, &said), [""; 0]);
    for told in [
        "cannot open /var/lib/quilt-mcp/tenants/ab/cd.db",
        "near \"SELECT \": syntax error",
        "thread 'x' panicked at src/x.rs:7:9",
        "arn:aws:iam::999999999999:role/of-another",
        &ben.role_arn,
        &ben.canary,
        &format!("eyJ{MARK}"),
        &stage.world.server_key.access_key_id,
        &stage.server.admin_url,
    ] {
        assert!(!eye.sees(told, &serde_json::json!({})).is_empty(), "{told}");
    }
    Ok(())
}
