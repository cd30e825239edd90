//! The stages of a log query.

use model::Matcher;

use super::LabelFilter;

/// What is done with a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Filters on the line that follow each other; all must hold.
    LineFilters(Vec<LineFilter>),
    /// `| json`, of chosen values where there are any.
    Json(Vec<Extraction>),
    /// `| logfmt`, of chosen values where there are any.
    Logfmt {
        /// Broken pairs are errors.
        strict: bool,
        /// Keys without value become labels.
        keep_empty: bool,
        /// What is taken.
        extractions: Vec<Extraction>,
    },
    /// `| regexp`: an expression with at least one named group.
    Regexp(String),
    /// `| pattern`: see [`crate::pattern`].
    Pattern(String),
    /// `| unpack`
    Unpack,
    /// `| decolorize`
    Decolorize,
    /// `| name="value"` and the like.
    LabelFilter(LabelFilter),
    /// `| line_format`: the text of a template.
    LineFormat(String),
    /// `| label_format`
    LabelFormat(Vec<LabelFormat>),
    /// `| drop`
    Drop(Vec<LabelChoice>),
    /// `| keep`
    Keep(Vec<LabelChoice>),
}

/// How a line filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineFilterOperator {
    /// `|=`
    Contains,
    /// `!=`
    NotContains,
    /// `|~`
    Regex,
    /// `!~`
    NotRegex,
    /// `|>`
    Pattern,
    /// `!>`
    NotPattern,
}

impl LineFilterOperator {
    /// The operator as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "|=",
            Self::NotContains => "!=",
            Self::Regex => "|~",
            Self::NotRegex => "!~",
            Self::Pattern => "|>",
            Self::NotPattern => "!>",
        }
    }

    /// Whether it drops the lines that compare.
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::NotContains | Self::NotRegex | Self::NotPattern)
    }
}

/// `|= "a" or "b"`: lines that compare with any operand; with a negative operator, lines that compare with none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFilter {
    /// How it compares.
    pub operator: LineFilterOperator,
    /// What it compares with.
    pub operand: LineOperand,
    /// What stands behind `or`.
    pub or: Vec<LineOperand>,
}

impl LineFilter {
    /// All operands, the first one included.
    pub fn operands(&self) -> impl Iterator<Item = &LineOperand> {
        std::iter::once(&self.operand).chain(&self.or)
    }
}

/// What a line filter compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineOperand {
    /// A text, a regular expression or a pattern, as the operator says.
    Text(String),
    /// `ip("…")`: see [`crate::ip`].
    Ip(String),
}

/// `label="expression"` of `json` and `logfmt`: see [`crate::path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extraction {
    /// The label that is set.
    pub label: String,
    /// Where its value is found; the label's name where the text has none.
    pub expression: String,
}

/// One assignment of `label_format`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFormat {
    /// The label that is set.
    pub label: String,
    /// To what.
    pub value: LabelValue,
}

/// What `label_format` sets a label to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelValue {
    /// The value of a label, which goes away.
    Rename(String),
    /// The text of a template.
    Template(String),
}

/// A label that `drop` or `keep` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelChoice {
    /// Whatever its value is.
    Name(String),
    /// Where its value fulfils a condition.
    Matching(Matcher),
}
