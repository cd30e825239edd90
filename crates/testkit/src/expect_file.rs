//! Scripts of commands and what they print, which can be rewritten.
//!
//! A file is a list of directives, each a line with a command and arguments, any number of input lines, a line
//! `----`, and the expected output up to a blank line:
//!
//! ```text
//! parse strict step=5m
//! sum(up)
//! ----
//! aggregation sum
//!   selector up
//! ```
//!
//! Output with blank lines stands between two lines `----` at the front and two at the end. Lines between
//! directives that begin with `#` are comments. With `UPDATE_EXPECT=1` in the environment what the commands print
//! replaces what was expected, to be read as a difference afterwards.
#![expect(clippy::disallowed_methods, reason = "fixtures are read from the real file system")]

#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::path::{Path, PathBuf};

const FENCE: &str = "----";

/// One command of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Its line, from 1.
    pub line: usize,
    /// The first word.
    pub command: String,
    /// The other words: `name` or `name=value`.
    pub arguments: Vec<(String, Option<String>)>,
    /// The lines up to the fence, joined.
    pub input: String,
}

impl Directive {
    /// The value of an argument `name=value`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find(|(argument, _)| argument == name)?.1.as_deref()
    }

    /// Whether an argument `name` is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.arguments.iter().any(|(argument, _)| argument == name)
    }
}

/// What is wrong with scripts or what they expect.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no script.
    #[error("{path}:{line}: a directive without {FENCE}")]
    NoFence {
        /// The file.
        path: PathBuf,
        /// The line of the directive.
        line: usize,
    },
    /// Commands print something else.
    #[error("{0}")]
    Mismatch(String),
    /// There is nothing to run.
    #[error("{0}: no scripts")]
    Empty(PathBuf),
}

/// Runs every file of a folder with the extension, in the order of names, through `respond`.
///
/// # Errors
///
/// If a file cannot be read, or any command prints something else than expected and `UPDATE_EXPECT` is not 1. All
/// differences are told at once.
pub fn run_folder(
    folder: &Path,
    extension: &str,
    mut respond: impl FnMut(&Directive) -> String,
) -> Result<(), Error> {
    let io = |source| Error::Io { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Error::Empty(folder.to_owned()));
    }
    paths.sort();
    let mut differences = String::new();
    for path in paths {
        match run_file(&path, &mut respond) {
            Err(Error::Mismatch(text)) => differences.push_str(&text),
            other => other?,
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(Error::Mismatch(differences)) }
}

/// Runs one file as [`run_folder`] does.
///
/// # Errors
///
/// As [`run_folder`].
pub fn run_file(path: &Path, respond: impl FnMut(&Directive) -> String) -> Result<(), Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(io)?;
    let outcome = run_text(&text, respond).map_err(|line| Error::NoFence { path: path.to_owned(), line })?;
    if outcome.rewritten == text {
        return Ok(());
    }
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        return std::fs::write(path, outcome.rewritten).map_err(io);
    }
    let mut differences = String::new();
    for (line, expected, got) in &outcome.differences {
        // Writing to a String cannot fail.
        let _ = writeln!(differences, "{}:{line}:\nexpected:\n{expected}got:\n{got}", path.display());
    }
    if differences.is_empty() {
        let _ = writeln!(differences, "{}: not written as UPDATE_EXPECT=1 writes it", path.display());
    }
    Err(Error::Mismatch(differences))
}

struct Outcome {
    /// The script with what was printed.
    rewritten: String,
    /// Line of the directive, expected and printed text.
    differences: Vec<(usize, String, String)>,
}

/// Runs a script; the error is the line of a directive without a fence.
fn run_text(text: &str, mut respond: impl FnMut(&Directive) -> String) -> Result<Outcome, usize> {
    let mut outcome = Outcome { rewritten: String::new(), differences: Vec::new() };
    let mut lines = text.lines().zip(1..).peekable();
    while let Some((head, line)) = lines.next() {
        outcome.push_line(head);
        if head.trim().is_empty() || head.starts_with('#') {
            continue;
        }
        let mut directive = read_head(head, line);
        loop {
            let (input, _) = lines.next().ok_or(line)?;
            outcome.push_line(input);
            if input == FENCE {
                break;
            }
            directive.input.push_str(input);
            directive.input.push('\n');
        }
        directive.input.pop();
        let expected = read_expected(&mut lines);
        let mut got = respond(&directive);
        if !got.is_empty() && !got.ends_with('\n') {
            got.push('\n');
        }
        if got.lines().any(|line| line.is_empty() || line == FENCE) {
            got = format!("{FENCE}\n{got}{FENCE}\n{FENCE}\n");
        }
        outcome.rewritten.push_str(&got);
        if got != expected {
            outcome.differences.push((line, expected, got));
        }
    }
    Ok(outcome)
}

impl Outcome {
    fn push_line(&mut self, line: &str) {
        self.rewritten.push_str(line);
        self.rewritten.push('\n');
    }
}

fn read_head(head: &str, line: usize) -> Directive {
    let mut words = head.split_whitespace();
    let command = words.next().unwrap_or_default().to_owned();
    let arguments = words.map(|word| match word.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (word.to_owned(), None),
    });
    Directive { line, command, arguments: arguments.collect(), input: String::new() }
}

/// Reads what is expected, fences included, and leaves the blank line behind it.
fn read_expected<'a>(lines: &mut std::iter::Peekable<impl Iterator<Item = (&'a str, usize)>>) -> String {
    let fenced = lines.next_if(|(text, _)| *text == FENCE).is_some();
    let mut expected = String::new();
    if fenced {
        expected.push_str(FENCE);
        expected.push('\n');
    }
    let mut fences = 0;
    while fences < 2 && (fenced || lines.peek().is_some_and(|(text, _)| !text.is_empty())) {
        let Some((text, _)) = lines.next() else { break };
        fences = if fenced && text == FENCE { fences + 1 } else { 0 };
        expected.push_str(text);
        expected.push('\n');
    }
    expected
}
