//! What was promised, beside what was measured.

use crate::client::Era;
use crate::contender::{MINIMAL_FASTMCP, MINIMAL_RMCP, OURS, OURS_THROUGH_RMCP};
use crate::cost::{Cost, FlatOut};

/// A row of the table before.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) era: Era,
    pub(crate) cost: Cost,
}

const ERAS: [Era; 3] = [Era::Old, Era::New, Era::Session];

/// One promise: what is compared, and which figures keep it.
struct Goal {
    what: &'static str,
    unit: &'static str,
    figure: fn(&[Measured], Era) -> Option<f64>,
    kept: fn(f64) -> bool,
}

const GOALS: [Goal; 8] = [
    Goal {
        what: "requests a second, to minimal rmcp's (at least 0.9×)",
        unit: "×",
        figure: |all, era| Some(per_second(all, OURS, era)? / per_second(all, MINIMAL_RMCP, era)?),
        kept: |ratio| ratio >= 0.9,
    },
    Goal {
        what: "requests a second, to minimal FastMCP's (at least 10×)",
        unit: "×",
        figure: |all, era| Some(per_second(all, OURS, era)? / per_second(all, MINIMAL_FASTMCP, era)?),
        kept: |ratio| ratio >= 10.0,
    },
    Goal {
        what: "processor added to minimal rmcp's for each request (at most 30 µs)",
        unit: " µs",
        figure: |all, era| Some(processor(all, OURS, era)? - processor(all, MINIMAL_RMCP, era)?),
        kept: |micros| micros <= 30.0,
    },
    Goal {
        what: "the same, if rmcp answers (at most 30 µs)",
        unit: " µs",
        figure: |all, era| Some(processor(all, OURS_THROUGH_RMCP, era)? - processor(all, MINIMAL_RMCP, era)?),
        kept: |micros| micros <= 30.0,
    },
    Goal {
        what: "memory after load (below 20 MB)",
        unit: " MB",
        figure: |all, era| Some(cost(all, OURS, era)?.after.now),
        kept: |megabytes| megabytes < 20.0,
    },
    Goal {
        what: "of that, without the program's own pages",
        unit: " MB",
        figure: |all, era| Some(cost(all, OURS, era)?.after.own),
        kept: |megabytes| megabytes < 20.0,
    },
    Goal {
        what: "the same of minimal rmcp, to compare",
        unit: " MB",
        figure: |all, era| Some(cost(all, MINIMAL_RMCP, era)?.after.own),
        kept: |_| true,
    },
    Goal {
        what: "start to the first answer (below 100 ms)",
        unit: " ms",
        figure: |all, era| Some(cost(all, OURS, era)?.first_answer.as_secs_f64() * 1e3),
        kept: |ms| ms < 100.0,
    },
];

/// A line for each goal, a column for each way to speak MCP; 32 connections where it depends on them.
pub(crate) fn table(all: &[Measured]) -> String {
    let mut text = "| goal, for `quilt-mcp` with everything on |".to_owned();
    for era in ERAS {
        text += &format!(" {} |", era.name());
    }
    text += "\n|---|---|---|---|\n";
    for goal in &GOALS {
        text += &format!("| {} |", goal.what);
        for era in ERAS {
            text += &match (goal.figure)(all, era) {
                Some(figure) => {
                    let verdict = if (goal.kept)(figure) { "" } else { " **missed**" };
                    format!(" {figure:.*}{}{verdict} |", digits(figure), goal.unit)
                }
                None => " – |".to_owned(),
            };
        }
        text += "\n";
    }
    text
}

fn digits(figure: f64) -> usize {
    if figure.abs() < 10.0 { 2 } else { 0 }
}

fn cost<'a>(all: &'a [Measured], name: &str, era: Era) -> Option<&'a Cost> {
    all.iter().find(|row| row.name == name && row.era == era).map(|row| &row.cost)
}

fn busy<'a>(all: &'a [Measured], name: &str, era: Era) -> Option<&'a FlatOut> {
    cost(all, name, era)?.busy()
}

fn per_second(all: &[Measured], name: &str, era: Era) -> Option<f64> {
    Some(busy(all, name, era)?.per_second)
}

/// In microseconds a request.
fn processor(all: &[Measured], name: &str, era: Era) -> Option<f64> {
    Some(busy(all, name, era)?.processor.as_secs_f64() * 1e6)
}
