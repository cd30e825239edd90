//! Conditions on one label, as routes, inhibition rules and silences have them.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;

use go_regex::Regex;
use model::quote::quote;
use model::{Labels, MatchOp};

/// Why a matcher cannot be.
pub type MatcherError = go_regex::Error;

/// A condition on the value of one label; a missing label has the empty value.
///
/// Unlike those of queries, its expressions stand in `^(?:…)$`, where a dot matches no line feed, and it prints itself
/// as Alertmanager does: the text is part of the keys of groups.
#[derive(Clone)]
pub struct Matcher {
    name: Box<str>,
    op: MatchOp,
    value: Box<str>,
    regex: Option<Regex>,
}

impl Matcher {
    /// Makes a matcher, compiling the expression of `=~` and `!~`.
    ///
    /// # Errors
    /// The expression is none.
    pub fn new(
        name: impl Into<Box<str>>,
        op: MatchOp,
        value: impl Into<Box<str>>,
    ) -> Result<Self, MatcherError> {
        let value = value.into();
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => Some(Regex::wrapped("^(?:", &value, ")$")?),
        };
        Ok(Self { name: name.into(), op, value, regex })
    }

    /// The matcher `name="value"`.
    pub fn equal(name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        Self { name: name.into(), op: MatchOp::Equal, value: value.into(), regex: None }
    }

    /// The label looked at.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it compares.
    pub fn op(&self) -> MatchOp {
        self.op
    }

    /// The value or expression compared with.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether a value (empty: no such label) fulfils the condition.
    pub fn matches(&self, value: &str) -> bool {
        let same = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => value == &*self.value,
        };
        same != self.op.is_negative()
    }

    /// Whether the label set fulfils the condition.
    pub fn matches_labels(&self, labels: &Labels) -> bool {
        self.matches(labels.value(&self.name))
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op && self.name == other.name && self.value == other.value
    }
}

impl Eq for Matcher {}

impl PartialOrd for Matcher {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By name, then value, then operator: the order in which the matchers of a route are printed.
impl Ord for Matcher {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |op: MatchOp| match op {
            MatchOp::Equal => 0,
            MatchOp::NotEqual => 1,
            MatchOp::Regex => 2,
            MatchOp::NotRegex => 3,
        };
        (&self.name, &self.value, rank(self.op)).cmp(&(&other.name, &other.value, rank(other.op)))
    }
}

/// Whether a character means something between matchers, so that what holds it must stand in quotes.
pub(crate) fn is_reserved(character: char) -> bool {
    character.is_whitespace() || "{}!=~,\\\"'`".contains(character)
}

impl fmt::Display for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(is_reserved) {
            return write!(formatter, "{}{}{}", quote(&self.name), self.op.as_str(), quote(&self.value));
        }
        write!(formatter, "{}{}\"", self.name, self.op.as_str())?;
        for character in self.value.chars() {
            match character {
                '"' => formatter.write_str("\\\"")?,
                '\\' => formatter.write_str("\\\\")?,
                '\n' => formatter.write_str("\\n")?,
                _ => write!(formatter, "{character}")?,
            }
        }
        formatter.write_str("\"")
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Matchers as a list: `{a="b",c=~"d"}`.
pub fn print_matchers(matchers: &[Matcher]) -> String {
    let printed: Vec<String> = matchers.iter().map(Matcher::to_string).collect();
    format!("{{{}}}", printed.join(","))
}

/// Labels as keys of groups show them: `{a="b", c="d"}`, names never in quotes.
pub fn print_labels(labels: &Labels) -> String {
    let printed: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}={}", quote(value))).collect();
    format!("{{{}}}", printed.join(", "))
}
