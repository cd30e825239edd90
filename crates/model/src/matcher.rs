//! Conditions on one label's value.

mod interrupt;
#[cfg(test)]
mod tests;

use std::fmt;

use go_regex::Regex;

pub use self::interrupt::Interrupt;
use crate::Labels;
use crate::labels::METRIC_NAME;
use crate::name::is_legacy_label_name;
use crate::quote::quote;

/// How a matcher compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOp {
    /// The operator as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }

    /// Whether it holds for what does not compare equal.
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::NotEqual | Self::NotRegex)
    }
}

/// A condition on the value of one label; a missing label has the empty value.
#[derive(Clone)]
pub struct Matcher {
    name: String,
    op: MatchOp,
    value: String,
    /// Present with the regular-expression operators, anchored at both ends.
    regex: Option<Regex>,
    interrupt: Option<Interrupt>,
}

impl Matcher {
    /// Makes a matcher, compiling the expression of `=~` and `!~`.
    ///
    /// # Errors
    /// The expression's error in the words of Go.
    pub fn new(
        name: impl Into<String>,
        op: MatchOp,
        value: impl Into<String>,
    ) -> Result<Self, go_regex::Error> {
        let value = value.into();
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => Some(Regex::anchored(&value)?),
        };
        Ok(Self { name: name.into(), op, value, regex, interrupt: None })
    }

    /// The matcher `name="value"`.
    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), op: MatchOp::Equal, value: value.into(), regex: None, interrupt: None }
    }

    /// The matcher `name!="value"`.
    pub fn not_equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), op: MatchOp::NotEqual, value: value.into(), regex: None, interrupt: None }
    }

    /// The same condition for a search that may have to end early: from then on it holds for nothing that has to be
    /// compared with an expression, and [`Matcher::is_interrupted`] tells that what was found is not all.
    #[must_use]
    pub fn until(self, interrupt: &Interrupt) -> Self {
        Self { interrupt: Some(interrupt.clone()), ..self }
    }

    /// Whether a search with it has ended early.
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(Interrupt::has_ended)
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

    /// The compiled expression of `=~` and `!~`.
    pub fn regex(&self) -> Option<&Regex> {
        self.regex.as_ref()
    }

    /// Whether a value (empty: no such label) fulfils the condition.
    pub fn matches(&self, value: &str) -> bool {
        let same = match &self.regex {
            Some(_) if self.interrupt.as_ref().is_some_and(Interrupt::ends) => return false,
            Some(regex) => regex.is_match(value),
            None => value == self.value,
        };
        same != self.op.is_negative()
    }

    /// Whether series without the label fulfil the condition.
    pub fn matches_empty(&self) -> bool {
        self.matches("")
    }

    /// Whether the label set fulfils the condition.
    pub fn matches_labels(&self, labels: &Labels) -> bool {
        self.matches(labels.value(&self.name))
    }

    /// Whether it is `__name__="…"`.
    pub fn is_metric_name(&self) -> bool {
        self.op == MatchOp::Equal && self.name == METRIC_NAME
    }

    /// The condition that holds where this one does not.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let op = match self.op {
            MatchOp::Equal => MatchOp::NotEqual,
            MatchOp::NotEqual => MatchOp::Equal,
            MatchOp::Regex => MatchOp::NotRegex,
            MatchOp::NotRegex => MatchOp::Regex,
        };
        Self { op, ..self.clone() }
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op && self.name == other.name && self.value == other.value
    }
}

impl Eq for Matcher {}

/// `name="value"`; a name that the classic syntax does not know is quoted.
impl fmt::Display for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_legacy_label_name(&self.name) {
            formatter.write_str(&self.name)?;
        } else {
            formatter.write_str(&quote(&self.name))?;
        }
        write!(formatter, "{}{}", self.op.as_str(), quote(&self.value))
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
