//! `logs-write`: a corpus as a file of lines.

use std::io::{self, Write};
use std::path::Path;

use platform::real::RealFileSystem;
use platform::{Clock, FileSystem};

use super::corpus::{Corpus, Totals};
use super::settings::{self, Settings};
use crate::Error;
use crate::command::Command;
use crate::flags::{Flag, Given, value};
use crate::report::Report;

/// `logs-write`.
pub(crate) const COMMAND: Command = Command {
    name: "logs-write",
    about: "Write the lines that logs-push pushes to a file, for zstd and rg.",
    flags: &[FLAGS, settings::FLAGS],
    run,
};

const FLAGS: &[Flag] = &[value("file", "", "Where the lines go, each with a line feed behind it.")];

/// So much is written at once.
const WRITE_BYTES: usize = 1 << 20;

fn run(given: &Given, clock: &dyn Clock, _: &mut dyn Write) -> Result<Option<Report>, Error> {
    told(given.required("file")?, Settings::of(given, clock)?, &RealFileSystem).map(Some)
}

/// Writes the lines, and says what they are.
fn told(file: &str, settings: Settings, fs: &dyn FileSystem) -> Result<Report, Error> {
    let totals = write(settings, Path::new(file), fs).map_err(Error::io(file))?;
    let mut report = settings.tell(Report::new(COMMAND.name).about("file", file));
    totals.tell(&mut report, Vec::new());
    Ok(report)
}

/// Writes the lines of a corpus to a file, each with a line feed behind it.
///
/// # Errors
/// The file cannot be written.
pub fn write(settings: Settings, path: &Path, fs: &dyn FileSystem) -> io::Result<Totals> {
    let mut file = fs.create(path)?;
    let mut corpus = Corpus::new(settings);
    let mut buffer = Vec::with_capacity(WRITE_BYTES + (64 << 10));
    while let Some(entry) = corpus.next() {
        buffer.extend_from_slice(entry.line);
        buffer.push(b'\n');
        if buffer.len() >= WRITE_BYTES {
            file.append(&buffer)?;
            buffer.clear();
        }
    }
    file.append(&buffer)?;
    Ok(corpus.totals())
}

#[cfg(test)]
mod tests {
    use platform::simulated::{SimulatedClock, SimulatedFileSystem};

    use super::*;

    #[test]
    fn a_corpus_is_written_and_told() {
        let arguments = ["--bytes=50000", "--streams=8", "--span=60"].map(str::to_owned);
        let given = Given::parse(COMMAND.flags, &arguments).unwrap();
        let settings = Settings::of(&given, &SimulatedClock::new(1_700_000_000_000)).unwrap();
        let disk = SimulatedFileSystem::new();
        let report = told("/lines", settings, &disk).unwrap().to_json();
        assert_eq!((&report["file"], &report["end_ms"]), (&"/lines".into(), &1_700_000_000_000_i64.into()));
        assert_eq!(report["needle"].as_str().unwrap().len(), 32);
        let all = &report["rows"].as_array().unwrap().last().unwrap();
        let [lines, bytes] = ["lines", "line_bytes"].map(|key| all[key].as_f64().unwrap() as u64);
        assert!((50_000..51_000).contains(&(lines + bytes)), "{report}");
        let text = disk.read(Path::new("/lines"), 1 << 20).unwrap();
        assert_eq!(
            (text.len() as u64, text.split(|byte| *byte == b'\n').count() as u64),
            (lines + bytes, lines + 1)
        );
    }

    #[test]
    fn a_file_is_needed() {
        let given = Given::parse(COMMAND.flags, &[]).unwrap();
        let refused = run(&given, &SimulatedClock::new(0), &mut Vec::new());
        assert_eq!(refused.unwrap_err().to_string(), "--file is needed");
    }
}
