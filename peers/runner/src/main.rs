//! Measures us and our peers, prints the tables, and writes them into the documents between their markers.
//!
//! `run [scopes|tools|compile|messages|names|manifests|packages]..`: all if none is named. `names` reads again what
//! `messages` has kept.

mod command;
mod compile;
mod document;
mod instructions;
mod messages;
mod named;
mod packages;
mod scopes;
mod tools;

use std::error::Error;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    let mut chosen: Vec<String> = std::env::args().skip(1).collect();
    if chosen.is_empty() {
        chosen =
            ["scopes", "tools", "compile", "messages", "manifests", "packages"].map(String::from).to_vec();
    }
    for part in chosen {
        match &*part {
            "scopes" => scopes::measure()?,
            "tools" => tools::measure()?,
            "compile" => compile::measure()?,
            "messages" => messages::collect()?,
            "names" => named::tabulate()?,
            "manifests" => packages::of_the_library()?,
            "packages" => packages::through_tools()?,
            other => {
                return Err(format!(
                    "`{other}` is none of scopes, tools, compile, messages, names, manifests, packages"
                )
                .into());
            }
        }
    }
    Ok(())
}
