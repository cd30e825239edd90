//! Checks of the repository itself. A rule that nobody checks is not one.
//!
//! `cargo test -p tidy` runs them all; `cargo run -p tidy -- --write` rewrites what is generated.
//! Each check is one file in [`checks`], a function from the [`Repository`] to its [`Complaint`]s, and is entered
//! in [`checks::ALL`].

pub mod checks;
mod repository;
mod rust_text;

pub use repository::{Dependency, DependencyKind, File, Package, Repository};
pub use rust_text::RustText;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The file, relative to the root of the repository, or the crate.
    pub place: String,
    /// The line, counted from 1, where it is about one.
    pub line: Option<usize>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Complaint {
    pub(crate) fn about(place: &str, message: impl Into<String>) -> Complaint {
        Complaint { place: place.into(), line: None, message: message.into() }
    }

    pub(crate) fn at(place: &str, line: usize, message: impl Into<String>) -> Complaint {
        Complaint { line: Some(line), ..Complaint::about(place, message) }
    }
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.place)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}
