//! Matchers as text: the newer syntax, in which label names may be any text, the classic one, and which of them counts.

mod classic;
#[cfg(test)]
mod tests;
mod utf8;

use crate::{Matcher, MatcherError};

/// Which syntax is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// Both; where they disagree the classic one counts.
    #[default]
    Both,
    /// The classic one alone.
    Classic,
    /// The newer one alone.
    Utf8,
}

/// Why a text is no matcher, or no list of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The classic syntax knows no such text.
    #[error("bad matcher format: {0}")]
    Format(String),
    /// A quote stands where none may, or is not closed.
    #[error("matcher value contains unescaped double quote: {0}")]
    Quote(String),
    /// A single matcher stands in no braces.
    #[error("unexpected open or close brace: {0}")]
    Brace(String),
    /// The newer syntax knows no such text.
    #[error("{0}")]
    Utf8(String),
    /// An expression is none.
    #[error("{0}")]
    Expression(#[from] MatcherError),
}

/// What was read, and what its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What was read.
    pub value: T,
    /// What its author should know.
    pub notice: Option<Notice>,
}

/// What the author of matchers should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Only the classic syntax reads the text.
    Fallback {
        /// Why the newer one does not.
        error: String,
        /// What both would read.
        suggestion: String,
    },
    /// The two read the text differently; the classic reading was taken.
    Disagreement,
}

impl std::fmt::Display for Notice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Notice::Fallback { error, suggestion } => write!(
                formatter,
                "read by the classic syntax of matchers, since the newer one refuses it ({error}); {suggestion} means the same in both"
            ),
            Notice::Disagreement => formatter.write_str(
                "the two syntaxes of matchers read this differently, the classic reading was taken",
            ),
        }
    }
}

/// Reads one matcher.
///
/// # Errors
/// The text is none.
pub fn parse_matcher(text: &str, syntax: Syntax) -> Result<Parsed<Matcher>, ParseError> {
    if syntax != Syntax::Classic && (text.starts_with('{') || text.ends_with('}')) {
        return Err(ParseError::Brace(text.to_owned()));
    }
    choose(syntax, || classic::matcher(text), || utf8::matcher(text), |matcher| matcher.to_string())
}

/// Reads a list of matchers, with or without braces around it.
///
/// # Errors
/// The text is none.
pub fn parse_matchers(text: &str, syntax: Syntax) -> Result<Parsed<Vec<Matcher>>, ParseError> {
    let suggest = |matchers: &Vec<Matcher>| {
        let printed: Vec<String> = matchers.iter().map(Matcher::to_string).collect();
        printed.join(",")
    };
    choose(syntax, || classic::matchers(text), || utf8::matchers(text), suggest)
}

fn choose<T: PartialEq>(
    syntax: Syntax,
    classic: impl FnOnce() -> Result<T, ParseError>,
    utf8: impl FnOnce() -> Result<T, ParseError>,
    suggest: impl FnOnce(&T) -> String,
) -> Result<Parsed<T>, ParseError> {
    let plain = |value| Parsed { value, notice: None };
    match syntax {
        Syntax::Classic => return classic().map(plain),
        Syntax::Utf8 => return utf8().map(plain),
        Syntax::Both => {}
    }
    match (classic(), utf8()) {
        (Ok(value), Ok(other)) if value == other => Ok(plain(value)),
        (Ok(value), Ok(_)) => Ok(Parsed { value, notice: Some(Notice::Disagreement) }),
        (Ok(value), Err(error)) => {
            let suggestion = suggest(&value);
            Ok(Parsed { value, notice: Some(Notice::Fallback { error: error.to_string(), suggestion }) })
        }
        (Err(_), Ok(value)) => Ok(plain(value)),
        (Err(error), Err(_)) => Err(error),
    }
}
