//! How much, and how long.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Setting, Settings};

/// What one caller, and the end of the process, may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long one call may take.
    pub call_timeout: Duration,
    /// How many calls one principal may have running.
    pub max_concurrent_calls: usize,
    /// How many objects, or parts of one, the pushes of a tenant may have on their way at once.
    pub tenant_transfers: usize,
    /// How long running calls may take to finish when the server stops.
    pub drain_deadline: Duration,
    /// How long the server goes on taking requests once it says that it is not ready.
    pub drain_grace: Duration,
    /// For how many tokens AWS credentials are kept between requests. 0: each request has its own.
    pub reuse_credentials: usize,
}

impl Limits {
    pub(super) fn read(settings: &Settings) -> Self {
        Self {
            call_timeout: duration(settings, Setting::CallTimeout, 120, 1..=3_600),
            max_concurrent_calls: number(settings, Setting::MaxConcurrentCalls, 16, 1..=1_024),
            tenant_transfers: number(settings, Setting::TenantTransfers, 64, 1..=1_024),
            drain_deadline: duration(settings, Setting::DrainDeadline, 20, 0..=600),
            drain_grace: duration(settings, Setting::DrainGrace, 1, 0..=300),
            reuse_credentials: number(settings, Setting::ReuseCredentials, 0, 0..=1_000_000),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call_timeout: Duration::from_secs(120),
            max_concurrent_calls: 16,
            tenant_transfers: 64,
            drain_deadline: Duration::from_secs(20),
            drain_grace: Duration::from_secs(1),
            reuse_credentials: 0,
        }
    }
}

/// A number within `range`.
pub(super) fn number(
    settings: &Settings,
    setting: Setting,
    default: usize,
    range: RangeInclusive<usize>,
) -> usize {
    let expected = format!("a whole number from {} to {}", range.start(), range.end());
    let given =
        settings.parsed(setting, &expected, |text| text.parse().ok().filter(|value| range.contains(value)));
    given.unwrap_or(default)
}

/// A time, written as seconds (`90`, `90s`) or minutes (`2m`). `default` and `range` are in seconds.
pub(super) fn duration(
    settings: &Settings,
    setting: Setting,
    default: u64,
    range: RangeInclusive<u64>,
) -> Duration {
    let expected = format!("a time from {}s to {}s, written like 90s or 2m", range.start(), range.end());
    let given =
        settings.parsed(setting, &expected, |text| seconds(text).filter(|value| range.contains(value)));
    Duration::from_secs(given.unwrap_or(default))
}

fn seconds(text: &str) -> Option<u64> {
    match text.strip_suffix('m') {
        Some(minutes) => minutes.parse::<u64>().ok()?.checked_mul(60),
        None => text.strip_suffix('s').unwrap_or(text).parse().ok(),
    }
}
