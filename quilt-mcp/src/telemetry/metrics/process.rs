//! Figures of the process itself, under the names that all Prometheus clients give them.

use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::labels::VersionLabel;

/// Version, start, memory and files of this process.
pub(super) struct ProcessFigures {
    build: Family<VersionLabel, Gauge>,
    started: Gauge<f64, AtomicU64>,
    memory: Gauge,
    files: Gauge,
    most_files: Gauge,
}

impl Default for ProcessFigures {
    fn default() -> Self {
        let figures = Self {
            build: Family::default(),
            started: Gauge::default(),
            memory: Gauge::default(),
            files: Gauge::default(),
            most_files: Gauge::default(),
        };
        figures.build.get_or_create(&VersionLabel { version: env!("CARGO_PKG_VERSION") }).set(1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        figures.started.set(now.as_secs_f64());
        figures
    }
}

impl ProcessFigures {
    /// Asks the kernel. Where there is no `/proc` all stay 0.
    pub(super) fn look(&self) {
        if let Some(bytes) = resident_bytes() {
            self.memory.set(bytes);
        }
        if let Some(most) = most_files() {
            self.most_files.set(most);
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            self.files.set(i64::try_from(files.count()).unwrap_or(i64::MAX));
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("quilt_mcp_build_info", "The version that runs; always 1", self.build.clone());
        registry.register(
            "process_start_time_seconds",
            "When the process started, in seconds since 1970",
            self.started.clone(),
        );
        registry.register(
            "process_resident_memory_bytes",
            "Memory that the process occupies",
            self.memory.clone(),
        );
        registry.register(
            "process_max_fds",
            "File descriptors that the process may have open",
            self.most_files.clone(),
        );
        registry.register(
            "process_open_fds",
            "File descriptors that the process has open",
            self.files.clone(),
        );
    }
}

fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The soft limit.
fn most_files() -> Option<i64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
