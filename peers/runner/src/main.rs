//! Measures us and our peers, prints the tables, and writes them into the documents between their markers.
//!
//! `run [scopes|tools|compile|messages|names|manifests|packages|load]..`: all if none is named. `names` reads again
//! what `messages` has kept. `load` is `load-cost`, `load-cases`, `load-lists`, `load-neighbours`, `load-tenants` and
//! `load-instructions`;
//! `load-wrk` is run only by its name.

mod command;
mod compile;
mod document;
mod instructions;
mod load;
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
        chosen = ["scopes", "tools", "compile", "messages", "manifests", "packages", "load"]
            .map(String::from)
            .to_vec();
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
            "load" => ["cost", "cases", "lists", "neighbours", "tenants", "instructions"]
                .into_iter()
                .try_for_each(load::measure)?,
            "load-cost" | "load-cases" | "load-lists" | "load-neighbours" | "load-tenants" | "load-wrk"
            | "load-instructions" => {
                load::measure(&part["load-".len()..])?;
            }
            other => {
                return Err(format!(
                    "`{other}` is none of scopes, tools, compile, messages, names, manifests, packages, load, load-cost, load-cases, load-lists, \
                     load-neighbours, load-tenants, load-wrk, load-instructions"
                )
                .into());
            }
        }
    }
    Ok(())
}
