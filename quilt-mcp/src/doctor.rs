//! `quilt-mcp doctor`: what a configuration would do, said before it does it.
//!
//! It reads what `serve` reads and starts nothing. Nothing is sent anywhere, except with `--online`: then each issuer is
//! asked for its published keys, or a registry that vouches for its tokens whether it takes one that nobody signed, and STS for
//! whom it takes this process. No secret is shown: what is printed comes from
//! types that do not give theirs away.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::client::ambient::AmbientSource;
use crate::client::fetch::{Fetch as _, Get, HttpFetcher};
use crate::client::registry::vouching::knows_bearer;
use crate::client::sts::AssumeRoleSource;
use crate::client::{AwsEndpoints, CallerCredentials, ProcessKeys};
use crate::config::{
    Config, Deployment, Door, Exchange, HttpConfig, KeySource, Limits, Tokens, TrustedIssuer,
};
use crate::domain::grant::CallerToken;
use crate::domain::permission::AwsIdentity;
use crate::domain::principal::{Grant, Principal};
use crate::domain::registry::{RegistryPass, RegistryUrl};
use crate::domain::request::RequestId;
use crate::error::ToolError;
use crate::identity;
use crate::store;

/// Says what `config` means to `out`, asks around if that is wanted, and gives the number of problems.
///
/// # Errors
///
/// `out` cannot be written.
pub async fn examine(config: &Config, asking: Asking, out: &mut impl Write) -> io::Result<usize> {
    let mut report = Report { out, problems: 0 };
    match &config.deployment {
        Deployment::SingleUser { tenant } => {
            report.ok(format_args!(
                "single-user mode: one person, with this process's AWS credentials (tenant {tenant})"
            ))?;
        }
        Deployment::MultiTenant(trust) => {
            let count = trust.issuers.len();
            report.ok(format_args!(
                "multi-tenant mode: every request brings a token; trusted issuers: {count}"
            ))?;
            for issuer in &trust.issuers {
                report.issuer(issuer)?;
            }
        }
    }
    match &config.door {
        Door::Stdio => report.ok("MCP on standard input and output")?,
        Door::Http(http) => report.http(http)?,
    }
    match config.admin_listen {
        None => report.ok("no metrics and no health answers")?,
        Some(address) if address.ip().is_loopback() => report.ok(format_args!("metrics and health on {address}"))?,
        Some(address) => report.warn(format_args!(
            "metrics and health on {address}, which asks nobody who they are: let only the operator's network reach it"
        ))?,
    }
    report.store(&config.store.data_dir)?;
    report.limits(&config.limits)?;
    if let Asking::Around(keys) = asking {
        report.online(&config.deployment, keys).await?;
    }
    let problems = report.problems;
    match problems {
        0 => writeln!(out, "no problem found")?,
        some => writeln!(out, "problems: {some}")?,
    }
    Ok(problems)
}

/// Whether anything is sent anywhere.
#[derive(Debug)]
pub enum Asking {
    /// Nothing is.
    Nobody,
    /// Issuers and AWS are asked; AWS with the process's own keys, if they are no longer in its environment.
    Around(Option<ProcessKeys>),
}

struct Report<'a, W> {
    out: &'a mut W,
    problems: usize,
}

impl<W: Write> Report<'_, W> {
    fn ok(&mut self, what: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.out, "ok    {what}")
    }

    fn warn(&mut self, what: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.out, "warn  {what}")
    }

    fn problem(&mut self, what: impl std::fmt::Display) -> io::Result<()> {
        self.problems += 1;
        writeln!(self.out, "FAIL  {what}")
    }

    fn issuer(&mut self, issuer: &TrustedIssuer) -> io::Result<()> {
        let name = issuer.issuer.as_str();
        let algorithms: Vec<_> = issuer.algorithms.iter().map(|algorithm| algorithm.name()).collect();
        let algorithms = algorithms.join(", ");
        match &issuer.tokens {
            Tokens::Named { audience } => self.ok(format_args!(
                "issuer {name}: audience {}, signed with {algorithms}",
                audience.as_str()
            )),
            Tokens::Catalog { tenant } => self.ok(format_args!(
                "issuer {name}: a Quilt catalog's own tokens, without `iss` and `aud`, signed with {algorithms}; all \
                 their bearers are of the tenant {tenant}"
            )),
        }?;
        match &issuer.keys {
            KeySource::Published(url) => self.ok(format_args!("issuer {name}: keys from {url}"))?,
            KeySource::Registry(registry) => self.ok(format_args!(
                "issuer {name}: no secret; its tokens are checked by {registry} at each request, and while it does not \
                 answer none is taken"
            ))?,
            KeySource::SharedSecret(_) => self.warn(format_args!(
                "issuer {name}: a shared secret, so whoever can check its tokens can make them; published keys are safer"
            ))?,
        }
        let tenants = issuer.exchange.tenants();
        self.ok(format_args!(
            "issuer {name}: credentials by {} for the tenants {}",
            issuer.exchange.name(),
            tenants.join(", ")
        ))?;
        if let Some(registry) = &issuer.registry {
            self.warn(format_args!("issuer {name}: its callers' tokens are shown to {registry}"))?;
        }
        match &issuer.exchange {
            Exchange::Registry { .. } => {}
            Exchange::AssumeRole { policy, .. } | Exchange::WebIdentity { policy, .. } => match policy {
                Some(_) => self.ok(format_args!("issuer {name}: every session is narrowed by a policy"))?,
                None => self.ok(format_args!("issuer {name}: sessions have all rights of their role"))?,
            },
        }
        if issuer.scopes {
            self.ok(format_args!(
                "issuer {name}: its tokens need the scopes quilt:read, quilt:write, quilt:admin"
            ))
        } else {
            self.ok(format_args!("issuer {name}: scopes are not looked at, every token may call every tool"))
        }
    }

    fn http(&mut self, http: &HttpConfig) -> io::Result<()> {
        self.ok(format_args!(
            "MCP on http://{}/mcp, for the hosts {}",
            http.listen,
            http.allowed_hosts.join(", ")
        ))?;
        if let Some(url) = &http.public_url {
            self.ok(format_args!("clients are told that it is {url}"))?;
        }
        for (what, rate) in [("principal", http.rate_limit), ("tenant", http.tenant_rate_limit)] {
            match rate {
                Some(rate) => self.ok(format_args!("at most {rate} requests a minute of one {what}"))?,
                None => self.warn(format_args!("any number of requests of one {what}"))?,
            }
        }
        Ok(())
    }

    /// The files of tenants. A server may have them open.
    fn store(&mut self, data_dir: &Path) -> io::Result<()> {
        let shown = data_dir.display();
        match store::inspect(data_dir) {
            Ok((count, unsound)) => {
                for one in &unsound {
                    let whose = one.tenant.as_deref().unwrap_or("unknown");
                    let (file, why) = (one.file.display(), &one.why);
                    // What is only busy or unreadable is not to be replaced by what is older.
                    let mend =
                        if one.damaged { "; put it back with `quilt-mcp restore --tenant`" } else { "" };
                    self.problem(format_args!("{file} (tenant {whose}): {why}{mend}"))?;
                }
                let sound = count - unsound.len();
                self.ok(format_args!("workflows in {shown}: {sound} of {count} tenants' files are sound"))
            }
            Err(error) => self.problem(format_args!("workflows in {shown} cannot be looked at: {error}")),
        }
    }

    fn limits(&mut self, limits: &Limits) -> io::Result<()> {
        self.ok(format_args!(
            "calls end after {:?}; {} at once of one principal",
            limits.call_timeout, limits.max_concurrent_calls
        ))?;
        match limits.reuse_credentials {
            0 => self.ok("AWS credentials live for one request"),
            most => self.warn(format_args!(
                "AWS credentials of up to {most} tokens are kept between requests: what AWS takes away from a role's \
                 session counts at the next exchange"
            )),
        }
    }

    async fn online(&mut self, deployment: &Deployment, keys: Option<ProcessKeys>) -> io::Result<()> {
        let issuers = match deployment {
            Deployment::SingleUser { .. } => &[][..],
            Deployment::MultiTenant(trust) => &trust.issuers,
        };
        for issuer in issuers {
            let name = issuer.issuer.as_str();
            match &issuer.keys {
                KeySource::SharedSecret(_) => {}
                KeySource::Published(url) => match published_keys(url).await {
                    Ok(keys) => {
                        self.ok(format_args!("issuer {name}: publishes {keys} keys that can be used"))?;
                    }
                    Err(why) => self.problem(format_args!("issuer {name}: its keys cannot be had: {why}"))?,
                },
                KeySource::Registry(registry) => match takes_what_nobody_signed(registry).await {
                    Ok(false) => self.ok(format_args!("issuer {name}: refused a made-up token that nobody signed"))?,
                    Ok(true) => self.problem(format_args!(
                        "issuer {name}: takes a token that nobody signed, so anybody could be anybody: set `secret_file`, \
                         or `registry_url` to a registry that checks its tokens"
                    ))?,
                    Err(why) => self.problem(format_args!(
                        "issuer {name}: does not say whether it takes a token, so none would be taken: {why}"
                    ))?,
                },
            }
        }
        let exchanges = issuers.iter().any(|issuer| matches!(issuer.exchange, Exchange::AssumeRole { .. }));
        if issuers.is_empty() || exchanges {
            match own_identity(issuers.is_empty(), keys).await {
                Ok(own) => self.ok(format_args!("AWS takes this process for {}", own.arn)),
                Err(error) => self.problem(format_args!(
                    "AWS does not say who this process is: {}{}",
                    error.message(),
                    error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default()
                )),
            }?;
        }
        Ok(())
    }
}

async fn published_keys(url: &str) -> Result<usize, String> {
    let get = Get {
        url,
        bearer: None,
        cookie: None,
        request: None,
        most_bytes: 512 * 1024,
        within: Duration::from_secs(5),
    };
    let answer = HttpFetcher::new().get(get).await.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("status {}", answer.status));
    }
    identity::usable_keys(&answer.body)
}

/// Whether a registry knows the bearer of a token of its form with a signature of chance, for the person who is most likely to
/// be there.
async fn takes_what_nobody_signed(registry: &RegistryUrl) -> Result<bool, String> {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let ends = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()) + 600;
    let claims = format!(r#"{{"id":1,"uuid":"{}","exp":{ends}}}"#, Uuid::new_v4());
    let signature = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    let header = part(br#"{"alg":"HS256","typ":"JWT"}"#);
    let token = CallerToken::new(&format!("{header}.{}.{}", part(claims.as_bytes()), part(&signature)));
    let pass = RegistryPass { registry: registry.clone(), token };
    knows_bearer(&HttpFetcher::new(), &pass, Duration::from_secs(5)).await
}

async fn own_identity(single_user: bool, keys: Option<ProcessKeys>) -> Result<AwsIdentity, ToolError> {
    let aws = AwsEndpoints::from_environment().await?;
    if !single_user {
        return AssumeRoleSource::of_process(&aws, keys).await.own_identity().await;
    }
    let source = AmbientSource::of_process(&aws, keys).await;
    let (principal, request) = (Principal::single_user(), RequestId::new());
    let own = CallerCredentials::new(&principal, &Grant::Ambient, &source, &request).await?;
    aws.sts(&own).caller_identity().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    const SECRET: &str = "0123456789abcdef0123456789ABCDEF";

    async fn examined(environment: &[(&str, &str)]) -> String {
        let environment = environment.iter().chain(&[("HOME", "/home/alice")]);
        let config =
            Config::load(Flags::default(), environment.map(|(name, value)| (name.into(), value.into())));
        let mut out = Vec::new();
        let problems = examine(&config.expect("good"), Asking::Nobody, &mut out).await.expect("written");
        assert_eq!(problems, 0);
        String::from_utf8(out).expect("text")
    }

    #[tokio::test]
    async fn a_configuration_is_told_without_its_secrets() {
        let told = examined(&[
            ("QUILT_MCP_TRANSPORT", "http"),
            ("QUILT_MCP_JWT_SECRET", SECRET),
            ("QUILT_MCP_JWT_ISSUER", "https://idp.example.com"),
            ("QUILT_MCP_JWT_AUDIENCE", "quilt"),
            ("QUILT_MCP_ALLOWED_ROLES", "acme=arn:aws:iam::123456789012:role/quilt-*"),
            ("QUILT_MCP_RATE_LIMIT", "0"),
            ("QUILT_MCP_REUSE_CREDENTIALS", "10"),
        ])
        .await;
        for part in [
            "multi-tenant mode",
            "issuer https://idp.example.com: audience quilt, signed with HS256",
            "warn  issuer https://idp.example.com: a shared secret",
            "credentials by assume-role for the tenants acme",
            "warn  any number of requests of one principal",
            "warn  AWS credentials of up to 10 tokens",
            "no problem found",
        ] {
            assert!(told.contains(part), "{part:?} is not in:\n{told}");
        }
        assert!(!told.contains(SECRET), "{told}");
    }

    #[tokio::test]
    async fn one_person_is_told_whose_credentials_count() {
        let told = examined(&[]).await;
        assert!(told.contains("single-user mode: one person, with this process's AWS credentials"), "{told}");
        assert!(told.contains("workflows in /home/alice/.local/share/quilt-mcp"), "{told}");
    }
}
