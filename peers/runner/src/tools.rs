//! What a call of a tool costs: ours, rmcp's own macros, directly.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::command::{build, output};
use crate::{Result, document, instructions};

const WHO: [&str; 3] = ["rmcp", "quilt-scope", "directly"];

pub(crate) fn measure() -> Result {
    let folder = build("tools")?;
    let program = folder.join("tool-cost");
    let nanoseconds = figures(&output(&program, &["time", "200"])?)?;
    let allocations = figures(&output(&folder.join("tool-allocations"), &[])?)?;
    let mut text =
        "\n| | instructions | to rmcp's | ns | to rmcp's | allocations |\n|---|---|---|---|---|---|\n"
            .to_owned();
    let counted = instructions::countable();
    let mut first = None;
    for who in WHO {
        let time = nanoseconds.get(who).copied().ok_or("not timed")?;
        let times = time / nanoseconds["rmcp"];
        let allocated = allocations.get(who).copied().ok_or("its allocations are not counted")?;
        if counted {
            let each = instructions::each(&program, &["run", who], 100, 600)?;
            let ratio = each / *first.get_or_insert(each);
            writeln!(text, "| {who} | {each:.0} | {ratio:.2}× | {time:.0} | {times:.2}× | {allocated} |")?;
        } else {
            writeln!(text, "| {who} | no valgrind | – | {time:.0} | {times:.2}× | {allocated} |")?;
        }
    }
    writeln!(text)?;
    document::write("docs/performance.md", "tools", &text)
}

/// Who, and how much.
fn figures(text: &str) -> Result<BTreeMap<String, f64>> {
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(who, figure)| Ok((who.to_owned(), figure.parse()?)))
        .collect()
}
