//! Why rules cannot be taken.

/// A rule that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Its expression is none.
    #[error("{file}: group {group:?}, rule {rule:?}: could not parse expression: {message}")]
    Expression {
        /// The file.
        file: String,
        /// The group.
        group: String,
        /// The rule.
        rule: String,
        /// Why, as the language words it.
        message: String,
    },
    /// Its expression is one over logs, and there are none.
    #[error("{file}: group {group:?}: there are no logs to evaluate its rules over")]
    NoLogs {
        /// The file.
        file: String,
        /// The group.
        group: String,
    },
    /// A label or annotation is no template.
    #[error("{file}: group {group:?}, rule {rule:?}: {key:?}: {message}")]
    Template {
        /// The file.
        file: String,
        /// The group.
        group: String,
        /// The rule.
        rule: String,
        /// The label or annotation.
        key: String,
        /// Why.
        message: String,
    },
}
