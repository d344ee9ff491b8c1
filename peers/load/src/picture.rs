//! Throughput and latency as pictures: a line a server, over 32 connections.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Result;
use crate::contender::is_ours;
use crate::cost::FlatOut;
use crate::figures::ms;
use crate::goals::Measured;

const WIDTH: f64 = 900.0;
const LINE: f64 = 24.0;
const TOP: f64 = 44.0;
/// Where the labels end and the figures start, and where these end at most.
const LEFT: f64 = 300.0;
const RIGHT: f64 = 790.0;

/// What is drawn of one server.
struct Row<'a> {
    label: String,
    color: &'static str,
    run: &'a FlatOut,
}

/// What shows the pictures in a document beside their folder.
const SHOWN: &str = "\
![Requests a second of each server, over 32 connections](pictures/load-throughput.svg)
![p50, p99 and p99.9 of each server, over 32 connections](pictures/load-latency.svg)";

/// Draws `load-throughput.svg` and `load-latency.svg`, and says how a document shows them.
pub(crate) fn draw(measured: &[Measured], folder: &Path) -> Result<&'static str> {
    let rows: Vec<Row<'_>> = measured
        .iter()
        .filter_map(|row| {
            let color = if is_ours(row.name) { "#1f77b4" } else { "#999999" };
            Some(Row { label: format!("{}, {}", row.name, row.era.name()), color, run: row.cost.busy()? })
        })
        .collect();
    fs::write(folder.join("load-throughput.svg"), throughput(&rows))?;
    fs::write(folder.join("load-latency.svg"), latency(&rows))?;
    Ok(SHOWN)
}

fn throughput(rows: &[Row<'_>]) -> String {
    let most = rows.iter().map(|row| row.run.per_second).fold(1.0, f64::max);
    picture("requests a second over 32 connections", rows, |row, y| {
        let end = LEFT + (RIGHT - LEFT) * row.run.per_second / most;
        let bar = format!(
            r#"<rect x="{LEFT}" y="{}" width="{:.1}" height="14" fill="{}"/>"#,
            y - 7.0,
            end - LEFT,
            row.color
        );
        bar + &words(end + 6.0, y, "start", &format!("{:.0}", row.run.per_second))
    })
}

/// A logarithmic axis, as wide as the fastest p50 and the slowest p99.9 need.
fn latency(rows: &[Row<'_>]) -> String {
    let all = rows.iter().flat_map(|row| points(row.run));
    let (low, high) = all.fold((f64::MAX, 0.0), |(low, high): (f64, f64), at| (low.min(at), high.max(at)));
    let x =
        |at: f64| LEFT + 8.0 + (RIGHT - LEFT - 8.0) * (at / low).ln() / (high / low).ln().max(f64::EPSILON);
    picture("milliseconds over 32 connections: p50, p99 and p99.9, on a logarithmic axis", rows, |row, y| {
        let color = row.color;
        let [first, second, third] = points(row.run).map(x);
        let mut drawn =
            format!(r#"<path d="M{first:.1} {y}H{third:.1}" stroke="{color}" stroke-width="2"/>"#);
        for (at, radius) in [(first, 5), (second, 4), (third, 3)] {
            drawn += &format!(r#"<circle cx="{at:.1}" cy="{y}" r="{radius}" fill="{color}"/>"#);
        }
        let latency = row.run.latency;
        let said = format!("{} / {} / {}", ms(latency.p50), ms(latency.p99), ms(latency.p999));
        drawn + &words(third + 8.0, y, "start", &said)
    })
}

/// In seconds; no point is at zero, where a logarithm has no place for it.
fn points(run: &FlatOut) -> [f64; 3] {
    [run.latency.p50, run.latency.p99, run.latency.p999].map(|quantile| quantile.as_secs_f64().max(1e-6))
}

/// A title, and a line with a label for each row.
fn picture(title: &str, rows: &[Row<'_>], draw: impl Fn(&Row<'_>, f64) -> String) -> String {
    let height = TOP + LINE * rows.len() as f64 + 8.0;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">"#
    );
    svg += &format!(r#"<rect width="{WIDTH}" height="{height}" fill="white"/>"#);
    svg += &words(LEFT, 18.0, "start", title);
    for (number, row) in rows.iter().enumerate() {
        let y = TOP + LINE * number as f64;
        let _ = write!(svg, "\n{}{}", words(LEFT - 8.0, y, "end", &row.label), draw(row, y));
    }
    svg + "\n</svg>\n"
}

/// Text whose middle is at `y`. All of it is our own, and none has a character that XML gives a meaning to.
fn words(x: f64, y: f64, anchor: &str, text: &str) -> String {
    format!(r#"<text x="{x:.1}" y="{:.1}" text-anchor="{anchor}">{text}</text>"#, y + 4.0)
}
