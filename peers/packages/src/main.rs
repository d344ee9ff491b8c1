//! Packages through our server, as tools over stdio, and through quilt3, as a Python program: the same work, at the same
//! endpoint, in turn.
//!
//! `packages endpoint LARGEST` serves samples, with packages of up to so many entries.
//! `packages rows SERVER PYTHON` measures through the tools, `packages scaling SERVER PYTHON` how that grows, and
//! `packages files PYTHON` the library by itself, on files. All print one line a turn: what, who, entries, seconds, seconds of
//! processor, those of the endpoint, KiB at most.
//! With `PACKAGES_QUICK` in the environment those through the tools take one turn each, of little.
//! `packages plot FILE FOLDER NAME` draws how what they printed grows.
//! `packages library` does what it is asked in lines.

mod endpoint;
mod library;
mod measure;
mod peer;
mod plot;
mod process;
mod work;

use std::error::Error;
use std::path::Path;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["endpoint", largest] => endpoint::serve(largest.parse()?),
        ["library"] => library::serve(),
        ["files", python] => measure::files(python),
        ["rows", server, python] => measure::rows(server, python),
        ["scaling", server, python] => measure::scaling(server, python),
        ["plot", figures, folder, name] => plot::draw(Path::new(figures), Path::new(folder), name),
        _ => Err("see the top of src/main.rs".into()),
    }
}
