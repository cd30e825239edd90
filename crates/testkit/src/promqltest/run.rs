//! Execution of scripts.

use std::path::Path;
use std::{fmt, io};

use super::compare;
use super::script::{Command, Eval, Load, Script, ScriptError, When};
use super::subject::{Answer, AnswerValue, QueryRange, Subject, SubjectError};

/// The distance of steps around the time of an instant evaluation that is repeated as a range query.
const REPETITION_STEP_MS: i64 = 60_000;

/// How a script went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Evaluations that gave what was expected.
    pub passed: usize,
    /// What went wrong, in the order of the script.
    pub failures: Vec<Failure>,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The script.
    pub file: String,
    /// The line of the command, from 1.
    pub line: usize,
    /// The expression; empty for other commands.
    pub query: String,
    /// What was expected and what came.
    pub message: String,
}

impl Report {
    /// Adds the outcome of another script.
    pub fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failures.extend(other.failures);
    }
}

/// Every failure, then `N passed, M failed`.
impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(out, "{failure}")?;
        }
        write!(out, "{} passed, {} failed", self.passed, self.failures.len())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}:{}: {}", self.file, self.line, self.query)?;
        for line in self.message.lines() {
            writeln!(out, "    {line}")?;
        }
        Ok(())
    }
}

/// How scripts are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOptions {
    /// Whether instant evaluations are repeated as range queries.
    pub repeat_instants: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { repeat_instants: true }
    }
}

/// Reads and runs every script of a folder, `*.test` in the order of names.
///
/// # Errors
///
/// If the folder or a script cannot be read from disk, or there is none.
#[expect(clippy::disallowed_methods, reason = "scripts are read from the real file system")]
pub fn run_folder(folder: &Path, options: RunOptions, subject: &mut dyn Subject) -> io::Result<Report> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "test") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{}: no scripts", folder.display())));
    }
    paths.sort();
    let mut report = Report::default();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        report.merge(run_text_with(&path.display().to_string(), &text, options, subject));
    }
    Ok(report)
}

/// Reads a script and runs it; a script that cannot be read is one failure.
pub fn run_text(file: &str, text: &str, subject: &mut dyn Subject) -> Report {
    run_text_with(file, text, RunOptions::default(), subject)
}

/// As [`run_text`], with options.
pub fn run_text_with(file: &str, text: &str, options: RunOptions, subject: &mut dyn Subject) -> Report {
    match Script::parse(text) {
        Ok(script) => run(file, &script, options, subject),
        Err(ScriptError { line, message }) => {
            let failure = Failure { file: file.to_owned(), line, query: String::new(), message };
            Report { passed: 0, failures: vec![failure] }
        }
    }
}

/// Runs a script on a subject that is emptied before; `file` is shown with failures.
pub fn run(file: &str, script: &Script, options: RunOptions, subject: &mut dyn Subject) -> Report {
    let mut run = Run { file, options, subject, report: Report::default() };
    run.note(0, "", |run| run.subject.clear().err().map(|error| error.to_string()));
    for command in &script.commands {
        run.execute(command);
    }
    run.report
}

struct Run<'a> {
    file: &'a str,
    options: RunOptions,
    subject: &'a mut dyn Subject,
    report: Report,
}

impl Run<'_> {
    fn execute(&mut self, command: &Command) {
        match command {
            Command::Clear { line } => {
                self.note(*line, "", |run| run.subject.clear().err().map(|error| error.to_string()));
            }
            Command::Load(load) => {
                self.note(load.line, "", |run| run.load(load));
            }
            Command::Eval(eval) => {
                if self.note(eval.line, &eval.query, |run| run.evaluate(eval)) {
                    self.report.passed += 1;
                }
            }
        }
    }

    /// Does something and notes what went wrong; whether nothing did.
    fn note(&mut self, line: usize, query: &str, step: impl FnOnce(&mut Self) -> Option<String>) -> bool {
        let Some(message) = step(self) else { return true };
        let file = self.file.to_owned();
        self.report.failures.push(Failure { file, line, query: query.to_owned(), message });
        false
    }

    fn load(&mut self, load: &Load) -> Option<String> {
        match load.samples() {
            Ok(series) => self.subject.load(&series).err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    fn evaluate(&mut self, eval: &Eval) -> Option<String> {
        match eval.when {
            When::Range(range) => {
                let answer = self.subject.range(&eval.query, range);
                check(eval, answer, |value| {
                    compare::range(&eval.expected, eval.expectations.ordered, range, value)
                })
            }
            When::Instant { at_ms } => {
                let answer = self.subject.instant(&eval.query, at_ms);
                let repeatable = self.options.repeat_instants
                    && !reads_bounds(&eval.query)
                    && matches!(
                        answer,
                        Ok(Answer { value: AnswerValue::Scalar(_) | AnswerValue::Vector(_), .. })
                    );
                let wrong = check(eval, answer, |value| {
                    compare::instant(&eval.expected, eval.expectations.ordered, value)
                });
                // A range query sorts its series, so there is no order to compare.
                if wrong.is_some() || !repeatable || eval.expectations.ordered {
                    return wrong;
                }
                self.repeat(eval, at_ms)
            }
        }
    }

    /// Evaluates as a range query around the time, whose middle step must give the same.
    fn repeat(&mut self, eval: &Eval, at_ms: i64) -> Option<String> {
        let range = QueryRange {
            start_ms: at_ms - REPETITION_STEP_MS,
            end_ms: at_ms + REPETITION_STEP_MS,
            step_ms: REPETITION_STEP_MS,
        };
        let wrong = match self.subject.range(&eval.query, range) {
            Ok(answer) => compare::step(&eval.expected, at_ms, &answer.value),
            Err(error) => Some(format!("unexpected error {:?}", error.to_string())),
        };
        wrong.map(|message| format!("as a range query:\n{message}"))
    }
}

/// Whether an expression depends on the bounds of its query (`start()`, `end()`, `step()`, `range()`, also behind `@`
/// and in durations), so that it means something else in a range query.
fn reads_bounds(query: &str) -> bool {
    let of_a_name = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':' | '.');
    ["start", "end", "step", "range"].into_iter().any(|word| {
        query.match_indices(word).any(|(at, _)| {
            let before = query.get(..at).and_then(|text| text.chars().next_back());
            let behind = query.get(at + word.len()..).unwrap_or_default();
            !before.is_some_and(of_a_name) && behind.trim_start().starts_with('(')
        })
    })
}

/// What is wrong with an answer, if anything.
fn check(
    eval: &Eval,
    answer: Result<Answer, SubjectError>,
    compare: impl FnOnce(&AnswerValue) -> Option<String>,
) -> Option<String> {
    let expectations = &eval.expectations;
    match answer {
        Err(error) if expectations.fail.is_some() => expectations.check_error(&error.to_string()),
        Err(error) => Some(format!("unexpected error {:?}", error.to_string())),
        Ok(answer) if expectations.fail.is_some() => {
            Some(format!("expected an error\n     got {} {:?}", answer.value.kind(), answer.value))
        }
        Ok(answer) => {
            expectations.check_annotations(&answer.warnings, &answer.infos).or_else(|| compare(&answer.value))
        }
    }
}
