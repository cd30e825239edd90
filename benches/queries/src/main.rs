//! Writes blocks of made-up data that queries are measured on: the same bytes from the same arguments.
//!
//! `queries fleet FOLDER [INSTANCES [HOURS]]` writes what a fleet of machines with a node exporter and an HTTP service
//! shows, a thousand series each, in blocks of two hours. `queries micro FOLDER` writes the few series that the
//! micro-benchmarks of the original's engine use.
#![expect(clippy::print_stderr, reason = "a tool for people at a terminal")]

use std::path::Path;
use std::process::ExitCode;

use queries::fleet::{self, Fleet};
use queries::{blocks, micro};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |position: usize, default: usize| match arguments.get(position) {
        Some(text) => text.parse().ok(),
        None => Some(default),
    };
    let written = match (arguments.first().map(String::as_str), arguments.get(1)) {
        (Some("fleet"), Some(folder)) => match (number(2, 100), number(3, 4)) {
            (Some(instances), Some(hours)) => {
                blocks::write(Path::new(folder), &Fleet::new(instances).series(), fleet::SPAN.hours(hours))
            }
            _ => return usage(),
        },
        (Some("micro"), Some(folder)) => blocks::write(Path::new(folder), &micro::series(), micro::SPAN),
        _ => return usage(),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("queries: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: queries fleet FOLDER [INSTANCES [HOURS]] | queries micro FOLDER");
    ExitCode::FAILURE
}
