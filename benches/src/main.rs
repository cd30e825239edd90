//! The benchmarks as a program of their own; `lapwing bench` is the same.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut out, mut errors) = (std::io::stdout().lock(), std::io::stderr().lock());
    ExitCode::from(benches::command::run("benches", &arguments, &mut out, &mut errors))
}
