//! What can go wrong with a template, in the words of the original.

/// Why a template cannot be read or run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no template.
    #[error("template: {name}:{line}: {message}")]
    Parse {
        /// The name of the text.
        name: String,
        /// The line of the complaint, from 1.
        line: usize,
        /// The complaint.
        message: String,
    },
    /// It ended while it ran.
    #[error("template: {name}:{line}:{column}: executing {quoted} at <{context}>: {message}", quoted = model::quote::quote(template))]
    Run {
        /// The name of the text in which it ended.
        name: String,
        /// The line, from 1.
        line: usize,
        /// How many bytes stand before the place in its line.
        column: usize,
        /// The template that ran.
        template: String,
        /// What was looked at, as it is written.
        context: String,
        /// The complaint.
        message: String,
    },
    /// It ends within a tag, an attribute, a comment or a script of a page.
    #[error("html/template: {name:?} ends in a non-text context")]
    Open {
        /// The name.
        name: String,
    },
    /// There is no template of the name.
    #[error("template: no template {name:?}")]
    Unknown {
        /// The name.
        name: String,
    },
}

impl Error {
    /// The complaint without the place.
    pub fn message(&self) -> &str {
        match self {
            Error::Parse { message, .. } | Error::Run { message, .. } => message,
            Error::Open { .. } => "ends in a non-text context",
            Error::Unknown { name } => name,
        }
    }
}
