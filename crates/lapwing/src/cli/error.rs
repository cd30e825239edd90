//! What can be wrong with a command line.

/// A command line that cannot be followed; one line for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UsageError {
    /// Wrong: exit status 2.
    Wrong(String),
    /// Not wrong, the user asked for this text: exit status 0.
    Asked(String),
}
