//! What is wrong with a file, told in two ways.
//!
//! Displayed, an [`Error`] is the line that the originals print: scripts and people know those texts.
//! [`Error::explain`] is the long form for a log: every problem with file, line, column and key, what was found
//! there and what would be right.

use std::{
    fmt,
    path::{Path, PathBuf},
};

pub use crate::yaml::Position;

/// One thing that is wrong at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where; line 0 where the whole file is meant.
    pub at: Position,
    /// The keys that lead there: `scrape_configs[2].tls_config.min_version`.
    pub key: String,
    /// What is wrong, in the original's words.
    pub message: String,
    /// What stands there.
    pub found: Option<String>,
    /// What would be right.
    pub expected: Option<String>,
}

/// Longest piece of a file that is quoted back; a secret that stands at the wrong place is not printed whole.
const FOUND_CHARS_MAX: usize = 40;

impl Problem {
    pub(crate) fn new(at: Position, key: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { at, key: key.into(), message: message.into(), found: None, expected: None }
    }

    pub(crate) fn found(mut self, found: impl Into<String>) -> Problem {
        let found = found.into();
        let short: String = found.chars().take(FOUND_CHARS_MAX).collect();
        self.found = Some(if short.len() < found.len() { format!("{short}…") } else { found });
        self
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Problem {
        self.expected = Some(expected.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.line > 0 {
            write!(f, "{}: ", self.at)?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        if let Some(found) = &self.found {
            write!(f, "; found {found}")?;
        }
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        Ok(())
    }
}

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is no YAML.
    Syntax(Box<Problem>),
    /// Unknown keys, keys given twice and values of the wrong type: all that were met.
    Types(Vec<Problem>),
    /// A value of the right type that cannot be.
    Invalid(Box<Problem>),
}

impl Fault {
    /// What is wrong, one by one.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Fault::Syntax(problem) | Fault::Invalid(problem) => std::slice::from_ref(problem),
            Fault::Types(problems) => problems,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Syntax(problem) => write!(f, "yaml: line {}: {}", problem.at.line, problem.message),
            Fault::Invalid(problem) => f.write_str(&problem.message),
            Fault::Types(problems) => {
                f.write_str("yaml: unmarshal errors:")?;
                for problem in problems {
                    write!(f, "\n  line {}: {}", problem.at.line, problem.message)?;
                }
                Ok(())
            }
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file could not be read; `message` is worded as the originals do it: `open FILE: no such file or directory`.
    #[error("{message}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        message: String,
    },
    /// The main file is refused.
    #[error("parsing YAML file {}: {fault}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: Fault,
    },
    /// A file that `scrape_config_files` names is refused, or clashes with another.
    #[error("\"{}\": {fault}", path.display())]
    ScrapeConfigFile {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: Fault,
    },
    /// A `web.config.file` is refused.
    #[error("{fault}")]
    WebConfigFile {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: Fault,
    },
    /// An `alertmanager.yml` is refused.
    #[error("{fault}")]
    AlertmanagerFile {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: Fault,
    },
    /// A file of Loki is refused.
    #[error("failed parsing config: {}: {fault}", path.display())]
    LokiFile {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: Fault,
    },
    /// The file holds what the agent mode does not know.
    #[error("field {field} is not allowed in agent mode")]
    AgentMode {
        /// The file.
        path: PathBuf,
        /// The key that stands there.
        field: &'static str,
    },
    /// A pattern of file names is malformed.
    #[error("error retrieving {what} for {}: syntax error in pattern", model::quote::quote(pattern))]
    Pattern {
        /// The file that holds the pattern.
        path: PathBuf,
        /// The pattern.
        pattern: String,
        /// What it should have found.
        what: &'static str,
    },
}

impl Error {
    /// The file that is at fault.
    pub fn path(&self) -> &Path {
        match self {
            Error::Read { path, .. }
            | Error::File { path, .. }
            | Error::ScrapeConfigFile { path, .. }
            | Error::WebConfigFile { path, .. }
            | Error::AlertmanagerFile { path, .. }
            | Error::LokiFile { path, .. }
            | Error::AgentMode { path, .. }
            | Error::Pattern { path, .. } => path,
        }
    }

    /// What is wrong in the file, one by one; empty when the error is not about what it says.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Error::File { fault, .. }
            | Error::ScrapeConfigFile { fault, .. }
            | Error::AlertmanagerFile { fault, .. }
            | Error::LokiFile { fault, .. }
            | Error::WebConfigFile { fault, .. } => fault.problems(),
            _ => &[],
        }
    }

    /// The long form: a line for each problem, `FILE:LINE:COLUMN: KEY: message; found …; expected …`.
    pub fn explain(&self) -> String {
        let path = self.path().display();
        if self.problems().is_empty() {
            return format!("{path}: {self}");
        }
        let lines: Vec<String> = self.problems().iter().map(|problem| format!("{path}:{problem}")).collect();
        lines.join("\n")
    }
}
