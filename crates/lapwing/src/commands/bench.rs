//! `bench`: the benchmarks, for operators. They know nothing of this server: all but `micro` speak public protocols.

use std::process::ExitCode;

/// Runs `bench <what> …`.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    let (mut out, mut errors) = (std::io::stdout().lock(), std::io::stderr().lock());
    ExitCode::from(benches::command::run(&format!("{program} bench"), arguments, &mut out, &mut errors))
}
