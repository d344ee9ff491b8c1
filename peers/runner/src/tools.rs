//! What a call of a tool costs: ours, rmcp's own macros, directly.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::command::{build, output};
use crate::{Result, document, instructions};

const WHO: [&str; 3] = ["rmcp", "quilt-scope", "directly"];

pub(crate) fn measure() -> Result {
    let program = build("tools")?.join("tools");
    let nanoseconds: BTreeMap<String, f64> = output(&program, &["time", "200"])?
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(who, each)| Ok((who.to_owned(), each.parse()?)))
        .collect::<Result<_>>()?;
    let mut text = "\n| | instructions | to rmcp's | ns | to rmcp's |\n|---|---|---|---|---|\n".to_owned();
    let counted = instructions::countable();
    let mut first = None;
    for who in WHO {
        let time = nanoseconds.get(who).copied().ok_or("not timed")?;
        let times = time / nanoseconds["rmcp"];
        if counted {
            let each = instructions::each(&program, &["run", who], 100, 600)?;
            let ratio = each / *first.get_or_insert(each);
            writeln!(text, "| {who} | {each:.0} | {ratio:.2}× | {time:.0} | {times:.2}× |")?;
        } else {
            writeln!(text, "| {who} | no valgrind | – | {time:.0} | {times:.2}× |")?;
        }
    }
    writeln!(text)?;
    document::write("docs/performance.md", "tools", &text)
}
