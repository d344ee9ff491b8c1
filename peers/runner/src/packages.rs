//! What packages cost: us, and quilt3.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::command::{self, build, home, output, server};
use crate::{Result, document};

/// The endpoint's share of the time from which on a row says more of it than of us.
const BOUND: f64 = 0.5;

/// The library by itself, on files.
pub(crate) fn of_the_library() -> Result {
    let (program, python) = (build("packages")?.join("packages"), python()?);
    let figures = output(&program, &["files", &python.to_string_lossy()])?;
    draw(&program, "manifests", &figures)?;
    document::write("docs/performance.md", "manifests", &table(&figures)?)
}

/// Through the tools of the server.
pub(crate) fn through_tools() -> Result {
    let (program, python, server) = (build("packages")?.join("packages"), python()?, server()?);
    let run = |what: &str| output(&program, &[what, &server.to_string_lossy(), &python.to_string_lossy()]);
    let (rows, figures) = (run("rows")?, run("scaling")?);
    if std::env::var_os("PACKAGES_QUICK").is_some() {
        // One turn of little is no figure for a document.
        println!("{}{}", table(&rows)?, table(&figures)?);
        return Ok(());
    }
    document::write("docs/performance.md", "packages", &table(&rows)?)?;
    draw(&program, "packages", &figures)?;
    document::write("docs/performance.md", "packages-scaling", &table(&figures)?)
}

fn draw(program: &Path, name: &str, figures: &str) -> Result {
    let (file, folder) = (home().join(format!("target/{name}.tsv")), home().join("../docs/pictures"));
    std::fs::write(&file, figures)?;
    std::fs::create_dir_all(&folder)?;
    output(program, &["plot", &file.to_string_lossy(), &folder.to_string_lossy(), name]).map(drop)
}

/// A Python with the quilt3 that the tests use, which is the newest.
fn python() -> Result<PathBuf> {
    command::python(&home().join("target/quilt3"), &home().join("../tests/substrate/requirements.txt"))
}

/// One side of a row: the median of its turns.
struct Side {
    seconds: f64,
    processor: f64,
    endpoint: f64,
    mebibytes: f64,
}

/// A row for each piece of work: time, time of processor, memory, of both sides and as ratios.
fn table(figures: &str) -> Result<String> {
    let rows: Vec<Vec<&str>> = figures.lines().map(|line| line.split('\t').collect()).collect();
    let mut titles: Vec<&str> = Vec::new();
    for row in &rows {
        if !titles.contains(&row[0]) {
            titles.push(row[0]);
        }
    }
    let mut text =
        "\n| | ours | quilt3 | faster | processor: ours | quilt3 | less | memory: ours | quilt3 | less | \
        endpoint's share of ours |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for title in titles {
        let [ours, theirs] = [side(&rows, title, "ours")?, side(&rows, title, "quilt3")?];
        let share = ours.endpoint / ours.seconds;
        let bound = if share >= BOUND { " (bound)" } else { "" };
        writeln!(
            text,
            "| {title} | {} | {} | **{:.1}×** | {} | {} | {} | {:.0} MiB | {:.0} MiB | **{:.1}×** | {:.0} %{bound} |",
            time(ours.seconds),
            time(theirs.seconds),
            theirs.seconds / ours.seconds,
            processor(ours.processor),
            processor(theirs.processor),
            ratio(theirs.processor, ours.processor),
            ours.mebibytes,
            theirs.mebibytes,
            theirs.mebibytes / ours.mebibytes,
            share * 100.0,
        )?;
    }
    writeln!(text)?;
    Ok(text)
}

fn side(rows: &[Vec<&str>], title: &str, who: &str) -> Result<Side> {
    let own: Vec<&Vec<&str>> = rows.iter().filter(|row| row[0] == title && row[1] == who).collect();
    let column = |at: usize| -> Result<f64> {
        let mut values = own.iter().map(|row| Ok(row[at].parse()?)).collect::<Result<Vec<f64>>>()?;
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().ok_or_else(|| format!("{title}: no turn of {who}").into())
    };
    Ok(Side {
        seconds: column(3)?,
        processor: column(4)?,
        endpoint: column(5)?,
        mebibytes: column(6)? / 1024.0,
    })
}

fn time(seconds: f64) -> String {
    match seconds {
        0.01.. => round(seconds),
        _ => format!("{:.2} ms", seconds * 1e3),
    }
}

/// The kernel counts the processor's time in hundredths of a second.
fn processor(seconds: f64) -> String {
    if seconds < 0.01 { "< 10 ms".to_owned() } else { round(seconds) }
}

fn round(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
}

/// Of times of processor: two hundredths of a second are the least of which there is one.
fn ratio(theirs: f64, ours: f64) -> String {
    if ours < 0.02 { "–".to_owned() } else { format!("{:.1}×", theirs / ours) }
}
