//! Puts generated text into documents: `<!-- peers: NAME -->`, the text, `<!-- /peers -->`.

use crate::Result;
use crate::command::home;

/// Prints `text` and writes it into `document` (a path from the root of the repository) where `name` is marked.
pub(crate) fn write(document: &str, name: &str, text: &str) -> Result {
    println!("{text}");
    let path = home().join("..").join(document);
    let before = std::fs::read_to_string(&path)?;
    let start = format!("<!-- peers: {name} -->\n");
    let Some(from) = before.find(&start).map(|at| at + start.len()) else {
        eprintln!("{document} has no `{}`", start.trim());
        return Ok(());
    };
    let to = before[from..].find("<!-- /peers -->").ok_or("a marker is not closed")? + from;
    Ok(std::fs::write(&path, format!("{}{text}{}", &before[..from], &before[to..]))?)
}
