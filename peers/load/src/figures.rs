//! Latencies, and what tables say of them.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// How long each answer took.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn quantiles(mut self) -> Quantiles {
        self.0.sort_unstable();
        let at = |share: f64| {
            let index = (self.0.len() as f64 * share) as usize;
            self.0.get(index.min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        Quantiles { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quantiles {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) p999: Duration,
}

/// In milliseconds.
impl fmt::Display for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {} / {}", ms(self.p50), ms(self.p99), ms(self.p999))
    }
}

/// With two digits that mean something.
pub(crate) fn ms(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1e3;
    if ms < 1.0 {
        format!("{ms:.2}")
    } else if ms < 100.0 {
        format!("{ms:.1}")
    } else {
        format!("{ms:.0}")
    }
}

/// The first lines of a table with these columns.
pub(crate) fn head(columns: &str) -> String {
    let rule = "---|".repeat(columns.split(" | ").count());
    format!("\n| {columns} |\n|{rule}\n")
}

/// The line of somebody who could not be measured. The whole of why goes to standard error.
pub(crate) fn not_measured(who: &str, why: &(dyn Error + Send + Sync)) -> String {
    let why = why.to_string();
    eprintln!("{who}: {why}");
    let first: String = why.lines().next().unwrap_or_default().replace('|', "/").chars().take(200).collect();
    format!("| {who} | not measured: {first} |\n")
}
