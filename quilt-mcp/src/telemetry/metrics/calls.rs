//! Figures of calls: how each tool's ended, and how long those of each group of tools took.
//!
//! A histogram for each tool would be most of all series. Tools of a group do the same kind of work, so a group is enough
//! to see that something has become slow; which tool it was is in the log, in the line of each call.

use std::collections::BTreeMap;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::labels::{CallLabel, CallOutcome, CodeLabel, GroupLabel};
use crate::error::ErrorCode;

/// The label of a tool that is in no table, and of its group.
const OTHER: &str = "other";

/// How calls ended, and how long they took.
pub(super) struct CallFigures {
    /// The tools of the table, and the group of each.
    groups: BTreeMap<&'static str, &'static str>,
    calls: Family<CallLabel, Counter>,
    duration: Family<GroupLabel, Histogram, fn() -> Histogram>,
    errors: Family<CodeLabel, Counter>,
}

impl CallFigures {
    /// Of these tools, each with its group.
    pub(super) fn of(tools: &[(&'static str, &'static str)]) -> Self {
        let figures = Self {
            groups: tools.iter().copied().collect(),
            calls: Family::default(),
            duration: Family::new_with_constructor(histogram),
            errors: Family::default(),
        };
        for (&tool, &group) in figures.groups.iter().chain([(&OTHER, &OTHER)]) {
            drop(figures.duration.get_or_create(&GroupLabel { group }));
            for outcome in CallOutcome::ALL {
                drop(figures.calls.get_or_create(&CallLabel { tool, outcome: *outcome }));
            }
        }
        for code in ErrorCode::ALL {
            drop(figures.errors.get_or_create(&CodeLabel { code: *code }));
        }
        figures
    }

    pub(super) fn finished(&self, tool: &str, outcome: CallOutcome, took: Duration) {
        let (tool, group) = self.groups.get_key_value(tool).map_or((OTHER, OTHER), |(t, g)| (*t, *g));
        self.calls.get_or_create(&CallLabel { tool, outcome }).inc();
        self.duration.get_or_create(&GroupLabel { group }).observe(took.as_secs_f64());
    }

    pub(super) fn failed(&self, code: ErrorCode) {
        self.errors.get_or_create(&CodeLabel { code }).inc();
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("calls", "Calls of tools, by how they ended", self.calls.clone());
        registry.register_with_unit(
            "call_duration",
            "How long calls of the tools of a group took",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register(
            "call_errors",
            "Calls that failed, by what the caller was told",
            self.errors.clone(),
        );
    }
}

fn histogram() -> Histogram {
    Histogram::new([0.000_1, 0.001, 0.005, 0.025, 0.1, 0.5, 5.0, 30.0, 120.0])
}
