//! A real Prometheus that watches servers.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use quilt_tests::server::Server;
use quilt_tests::{Result, prometheus, workspace};
use serde_json::Value;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// Scrapes every second, with the project's rules; only that they need not hold for minutes.
pub(super) struct Prometheus {
    process: Child,
    url: String,
    _directory: TempDir,
}

impl Prometheus {
    pub(super) fn watching(servers: &[(&str, &Server)]) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let rules = fs::read_to_string(workspace().join("ops/alerts.yml"))?;
        let soon: String = rules.lines().fold(String::new(), |mut text, line| {
            let line = if line.trim().starts_with("for: ") { "        for: 1s" } else { line };
            let _ = writeln!(text, "{line}");
            text
        });
        fs::write(directory.path().join("alerts.yml"), soon)?;
        let mut config = String::from(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [alerts.yml]\nscrape_configs:\n  - job_name: quilt-mcp\n    static_configs:\n",
        );
        for (name, server) in servers {
            let target = server.admin_url.trim_start_matches("http://");
            let _ = writeln!(config, "      - {{targets: ['{target}'], labels: {{instance: {name}}}}}");
        }
        fs::write(directory.path().join("prometheus.yml"), config)?;
        // It cannot be told to take any free port and say which.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = Command::new(prometheus::server()?)
            .current_dir(directory.path())
            .arg("--config.file=prometheus.yml")
            .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { process, url: format!("http://{address}"), _directory: directory })
    }

    /// Alert and instance of all that fire, once they are as wanted.
    pub(super) async fn firing_when(
        &self,
        wanted: impl Fn(&[(String, String)]) -> bool,
    ) -> Result<Vec<(String, String)>> {
        let end = Instant::now() + PATIENCE;
        loop {
            let firing = self.firing().await.unwrap_or_default();
            if wanted(&firing) {
                return Ok(firing);
            }
            if Instant::now() > end {
                return Err(format!("after {PATIENCE:?} these alerts fire: {firing:?}").into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn firing(&self) -> Result<Vec<(String, String)>> {
        let answer: Value = reqwest::get(format!("{}/api/v1/alerts", self.url)).await?.json().await?;
        let alerts = answer["data"]["alerts"].as_array().ok_or("a list of alerts")?;
        let label = |alert: &Value, name: &str| alert["labels"][name].as_str().unwrap_or_default().to_owned();
        let firing = alerts.iter().filter(|alert| alert["state"] == "firing");
        Ok(firing.map(|alert| (label(alert, "alertname"), label(alert, "instance"))).collect())
    }

    /// How many samples a query gives now.
    pub(super) async fn query(&self, query: &str) -> Result<usize> {
        let mut url = reqwest::Url::parse(&format!("{}/api/v1/query", self.url))?;
        url.query_pairs_mut().append_pair("query", query);
        let answer: Value = reqwest::get(url).await?.json().await?;
        match (&answer["status"], answer["data"]["result"].as_array()) {
            (status, Some(result)) if status == "success" => Ok(result.len()),
            _ => Err(format!("{query}: {answer}").into()),
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
