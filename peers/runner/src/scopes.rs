//! What a scope costs, ours and others'.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::Result;
use crate::command::{build, output};
use crate::{document, instructions};

const BY_HAND: &str = "by hand";

type Key = (String, String);

/// All figures by case and contender.
#[derive(Default)]
struct Figures {
    cases: Vec<String>,
    contenders: Vec<String>,
    cannot: BTreeMap<Key, String>,
    instructions: BTreeMap<Key, f64>,
    nanoseconds: BTreeMap<Key, f64>,
    allocations: BTreeMap<Key, u64>,
    threads: BTreeMap<String, String>,
    eight: BTreeMap<String, String>,
}

pub(crate) fn measure() -> Result {
    let programs = build("scopes")?;
    let (cost, allocations) = (programs.join("cost"), programs.join("allocations"));
    let mut figures = Figures::default();
    for [case, contender, cannot] in rows(&output(&cost, &["list"])?)? {
        add(&mut figures.cases, &case);
        add(&mut figures.contenders, &contender);
        if !cannot.is_empty() {
            figures.cannot.insert((case, contender), cannot);
        }
    }
    for [case, contender, count, _bytes] in rows(&output(&allocations, &[])?)? {
        figures.allocations.insert((case, contender), count.parse()?);
    }
    for case in &figures.cases {
        for [contender, nanoseconds] in rows(&output(&cost, &["time", case, "40"])?)? {
            figures.nanoseconds.insert((case.clone(), contender), nanoseconds.parse()?);
        }
    }
    if instructions::countable() {
        for case in &figures.cases {
            for contender in &figures.contenders {
                let key = (case.clone(), contender.clone());
                if !figures.cannot.contains_key(&key) {
                    let each = instructions::each(&cost, &["run", case, contender], 20, 220)?;
                    figures.instructions.insert(key, each);
                }
            }
        }
    }
    figures.threads =
        rows(&output(&cost, &["threads", "60"])?)?.into_iter().map(|[who, what]| (who, what)).collect();
    figures.eight = rows(&output(&cost, &["eight"])?)?.into_iter().map(|[who, what]| (who, what)).collect();
    document::write("docs/performance.md", "scopes", &figures.table()?)?;
    document::write("README.md", "scopes", &figures.headline()?)
}

fn rows<const N: usize>(text: &str) -> Result<Vec<[String; N]>> {
    text.lines()
        .map(|line| {
            let cells: Vec<String> = line.split('\t').map(String::from).collect();
            cells.try_into().map_err(|_| format!("not {N} columns: {line}").into())
        })
        .collect()
}

fn add(list: &mut Vec<String>, item: &str) {
    if !list.iter().any(|known| known == item) {
        list.push(item.to_owned());
    }
}

impl Figures {
    /// One row a contender: instructions and their ratio to hand-written code, nanoseconds, allocations.
    fn table(&self) -> Result<String> {
        let mut text = String::new();
        writeln!(text)?;
        if self.instructions.is_empty() {
            writeln!(text, "There was no valgrind: the ratios are of times.\n")?;
        }
        write!(text, "| |")?;
        for case in &self.cases {
            write!(text, " {} |", case.replace('-', " "))?;
        }
        writeln!(text, " two threads | 8 × 20 ms |")?;
        writeln!(text, "|---{}", "|---".repeat(self.cases.len() + 2) + "|")?;
        let mut notes: Vec<String> = Vec::new();
        for contender in &self.contenders {
            write!(text, "| {contender} |")?;
            for case in &self.cases {
                write!(text, " {} |", self.cell(case, contender, &mut notes))?;
            }
            let threads = self.threads.get(contender).map_or("–".to_owned(), |ratio| format!("{ratio}×"));
            let eight = self.eight.get(contender).map_or("–".to_owned(), |time| format!("{time} ms"));
            writeln!(text, " {threads} | {eight} |")?;
        }
        writeln!(text)?;
        for (i, note) in notes.iter().enumerate() {
            writeln!(text, "{}. {note}", i + 1)?;
        }
        Ok(text)
    }

    fn cell(&self, case: &str, contender: &str, notes: &mut Vec<String>) -> String {
        let key = (case.to_owned(), contender.to_owned());
        if let Some(cannot) = self.cannot.get(&key) {
            add(notes, cannot);
            let note = notes.iter().position(|note| note == cannot).unwrap_or_default() + 1;
            return format!("– ({note})");
        }
        let instructions = self.instructions.get(&key).map_or(String::new(), |each| format!("{each:.0}, "));
        let ratio = self.ratio(case, contender).map_or(String::new(), |ratio| format!("**{ratio:.2}×**, "));
        let nanoseconds = self.nanoseconds.get(&key).copied().unwrap_or_default();
        let allocations = self.allocations.get(&key).copied().unwrap_or_default();
        format!("{instructions}{ratio}{nanoseconds:.0} ns, {allocations}")
    }

    /// Of hand-written code: in instructions, or in time if they could not be counted.
    fn ratio(&self, case: &str, contender: &str) -> Option<f64> {
        let figures = if self.instructions.is_empty() { &self.nanoseconds } else { &self.instructions };
        let of = |who: &str| figures.get(&(case.to_owned(), who.to_owned()));
        Some(of(contender)? / of(BY_HAND)?)
    }

    fn headline(&self) -> Result<String> {
        let cases = ["three", "one-of-three", "one-of-sixteen", "three-async"];
        let measure = if self.instructions.is_empty() { "Time" } else { "Instructions" };
        let mut text = format!("\n{measure}, compared with hand-written code that borrows:\n\n| |");
        for case in cases {
            write!(text, " {} |", case.replace('-', " "))?;
        }
        writeln!(text, "\n|---|---|---|---|---|")?;
        for contender in self.contenders.iter().filter(|who| *who != BY_HAND && !who.contains("boxed")) {
            write!(text, "| {contender} |")?;
            for case in cases {
                let ratio =
                    self.ratio(case, contender).map_or("–".to_owned(), |ratio| format!("{ratio:.2}×"));
                write!(text, " {ratio} |")?;
            }
            writeln!(text)?;
        }
        writeln!(text)?;
        Ok(text)
    }
}
