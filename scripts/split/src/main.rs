//! Splits a wasm file in two by function: what a start needs, and the rest, which is fetched right after it.
//!
//! A function that goes to the second file leaves a stub in the first, if anything there names it. A stub asks for the second
//! file if it is not here yet, which blocks, and calls through a table. So a function in the wrong file is slow once and
//! never wrong: what is moved is a matter of speed alone. Data stays where it is.
//!
//! ```text
//! lavender-split trace IN OUT              every function tells `lavender.ran(index)` when it runs
//! lavender-split learn IN RAN              prints which names never ran; RAN holds the indices of those that did
//! lavender-split split IN LIST FIRST LATER takes the names in LIST out of IN
//! ```
//!
//! IN needs its name section. The first file imports `lavender.load`, which has to instantiate the second one with the exports
//! of the first as `first` (`later.js`).

mod learn;
mod module;
mod split;
mod trace;

use std::error::Error;
use std::fs;
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lavender-split: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    match *arguments {
        ["trace", input, output] => {
            let bytes = read(input)?;
            fs::write(output, trace::traced(&bytes, &module::Module::parse(&bytes)?)?)?;
        }
        ["learn", input, ran] => {
            let bytes = read(input)?;
            let ran = fs::read_to_string(ran)?;
            let ran = ran.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>()?;
            print!("{}", learn::rules(&module::Module::parse(&bytes)?, &ran)?);
        }
        ["split", input, list, first, later] => {
            let bytes = read(input)?;
            let module = module::Module::parse(&bytes)?;
            let moved = learn::matching(&module, &fs::read_to_string(list)?)?;
            let files = split::split(&bytes, &module, &moved)?;
            fs::write(first, &files.first)?;
            fs::write(later, &files.later)?;
            eprintln!(
                "split: {} of {} functions are in the second file, with {} stubs in the first",
                moved.len(),
                module.bodies.len(),
                files.stubs
            );
        }
        ["sizes", input, list] => {
            let bytes = read(input)?;
            print!("{}", learn::sizes(&module::Module::parse(&bytes)?, &fs::read_to_string(list)?)?);
        }
        _ => return Err("trace IN OUT | learn IN RAN | split IN LIST FIRST LATER | sizes IN LIST".into()),
    }
    Ok(())
}

fn read(path: &str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{path}: {error}").into())
}
