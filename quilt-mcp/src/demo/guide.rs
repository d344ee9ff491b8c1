//! What the demo prints: who is who, and how to connect.
//!
//! The tokens are printed on purpose. They are made for this run, signed with a secret made for this run, and good for
//! nothing but the sample data on this machine. The secret itself and the server's AWS key are not printed.

use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use super::world::{PEOPLE, Person, Rights, TOKEN_HOURS};

/// A person and the token they connect with.
pub(super) struct Credential {
    pub(super) person: &'static Person,
    pub(super) token: String,
}

/// Where things are.
#[derive(Clone, Copy)]
pub(super) struct Places<'d> {
    /// The MCP endpoint.
    pub(super) mcp: &'d str,
    /// The operator's pages, without a path.
    pub(super) admin: &'d str,
    /// The embedded S3.
    pub(super) s3: &'d str,
    /// What is in it.
    pub(super) files: &'d Path,
}

/// Writes where things are, and who may do what.
pub(super) fn introduce(out: &mut impl Write, places: Places<'_>) -> io::Result<()> {
    let Places { mcp, admin, s3, files } = places;
    writeln!(out, "quilt-mcp demo: one server, two tenants, three people\n")?;
    writeln!(out, "  MCP endpoint  {mcp}")?;
    writeln!(out, "  operator      {admin}/metrics, /livez and /readyz")?;
    writeln!(out, "  embedded S3   {s3}, files in {}\n", files.display())?;
    for person in &PEOPLE {
        let rights: Vec<_> = person
            .role
            .buckets
            .iter()
            .map(|(bucket, rights)| match rights {
                Rights::Read => format!("reads {bucket}"),
                Rights::ReadWrite => format!("reads and writes {bucket}"),
            })
            .collect();
        writeln!(out, "  {:<6} of {}  {}", person.name, person.tenant, rights.join(", "))?;
    }
    Ok(())
}

/// Writes the tokens, and how to connect with the first of them.
pub(super) fn explain_connecting(
    out: &mut impl Write,
    url: &str,
    credentials: &[Credential],
) -> io::Result<()> {
    writeln!(out, "\nTokens, for {TOKEN_HOURS} hours and for this demo only\n")?;
    for credential in credentials {
        writeln!(out, "  {}\n  {}\n", credential.person.name, credential.token)?;
    }
    let Some(Credential { person, token }) = credentials.first() else { return Ok(()) };
    writeln!(out, "Connect as {} (take another token to be somebody else)\n", person.name)?;
    writeln!(out, "  MCP Inspector: run")?;
    writeln!(out, "    npx @modelcontextprotocol/inspector")?;
    writeln!(out, "  choose the transport \"Streamable HTTP\", the URL {url}")?;
    writeln!(
        out,
        "  and, under Authentication, the header Authorization with the value \"Bearer <token>\".\n"
    )?;
    writeln!(
        out,
        "  A desktop client that starts its servers (Claude Desktop: claude_desktop_config.json):"
    )?;
    for line in desktop_configuration(url, token).lines() {
        writeln!(out, "    {line}")?;
    }
    writeln!(out, "\n  curl:")?;
    writeln!(out, "    curl -s {url} -H 'Authorization: Bearer {token}' \\")?;
    writeln!(
        out,
        "      -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\"
    )?;
    writeln!(out, "      -d '{}'\n", greeting())
}

/// `mcp-remote` carries stdio to HTTP. The header is in the environment since some clients split arguments at spaces.
fn desktop_configuration(url: &str, token: &str) -> String {
    let configuration = json!({
        "mcpServers": {
            "quilt-demo": {
                "command": "npx",
                "args": ["-y", "mcp-remote", url, "--header", "Authorization:${AUTHORIZATION}"],
                "env": { "AUTHORIZATION": format!("Bearer {token}") },
            },
        },
    });
    format!("{configuration:#}")
}

fn greeting() -> String {
    json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "curl", "version": "1" },
        },
    })
    .to_string()
}
