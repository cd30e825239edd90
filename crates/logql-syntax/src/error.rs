//! What is wrong with a text, in the original's words.

use std::fmt;

use crate::path::PathError;

/// A place in a text as the original's messages show it: line and column count from one, a column is a character.
///
/// For tokens of two characters, ranges and durations the original forgets the line and shows 0; so does this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line, or 0.
    pub line: u32,
    /// The column of the token's first character.
    pub column: u32,
}

/// A text that is no query, and where.
///
/// It displays as the original does: `parse error at line 1, col 5: syntax error: unexpected )`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParseError {
    kind: ErrorKind,
    place: Option<Place>,
}

impl ParseError {
    pub(crate) fn at(kind: ErrorKind, place: Place) -> Self {
        let known = place.line != 0 || place.column != 0;
        Self { kind, place: known.then_some(place) }
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Where; `None` for what is wrong as a whole.
    pub fn place(&self) -> Option<Place> {
        self.place
    }
}

impl From<ErrorKind> for ParseError {
    fn from(kind: ErrorKind) -> Self {
        Self { kind, place: None }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.place, &self.kind) {
            (_, ErrorKind::NotASelector | ErrorKind::NotALogQuery) => {}
            (Some(Place { line, column }), _) => {
                write!(formatter, "parse error at line {line}, col {column}: ")?;
            }
            (None, _) => formatter.write_str("parse error : ")?,
        }
        fmt::Display::fmt(&self.kind, formatter)
    }
}

impl std::error::Error for ParseError {}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ErrorKind {
    /// The text is longer than a query may be.
    #[error("input size too long ({length} > {limit})")]
    TooLong {
        /// Its bytes.
        length: usize,
        /// The most bytes.
        limit: usize,
    },
    /// Parentheses nest too deep.
    #[error("query nests deeper than {0} levels")]
    TooDeep(usize),
    /// More operators than a query may have.
    #[error("query has more than {0} operators")]
    TooManyOperators(usize),
    /// A token where another one belongs.
    #[error("syntax error: unexpected {unexpected}{}", Expecting(expected))]
    Syntax {
        /// The name of the token.
        unexpected: &'static str,
        /// The names of what could stand there; empty where that is too much to tell.
        expected: Vec<&'static str>,
    },
    /// A string without its end.
    #[error("literal not terminated")]
    LiteralNotTerminated,
    /// A backslash before what is no escape.
    #[error("invalid char escape")]
    InvalidEscape,
    /// An escape that stands for no character.
    #[error("invalid syntax")]
    InvalidString,
    /// Single quotes around other than one character.
    #[error("invalid char literal")]
    InvalidCharacter,
    /// A `/*` without its end.
    #[error("comment not terminated")]
    CommentNotTerminated,
    /// A `[` without its end.
    #[error("missing closing ']' in duration")]
    RangeNotTerminated,
    /// What stands in brackets is no duration.
    #[error(transparent)]
    Range(#[from] model::duration::DurationError),
    /// A number that is none.
    #[error("unable to parse float: {}", crate::quantity::float_complaint(.0))]
    Number(String),
    /// A selector could match all streams.
    #[error(
        "queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will"
    )]
    UnselectiveSelector,
    /// A matcher's expression is none.
    #[error("{0}")]
    Regex(String),
    /// The expression of a `regexp` stage.
    #[error("invalid regexp parser: {0}")]
    RegexpStage(String),
    /// The expression of a `pattern` stage.
    #[error("invalid pattern parser: {0}")]
    PatternStage(crate::pattern::PatternError),
    /// The expression of `label_replace`.
    #[error("invalid regex in label_replace: {0}")]
    LabelReplace(String),
    /// An aggregation over time that needs `unwrap`.
    #[error("invalid aggregation {0} without unwrap")]
    WithoutUnwrap(&'static str),
    /// An aggregation over time that takes no `unwrap`.
    #[error("invalid aggregation {0} with unwrap")]
    WithUnwrap(&'static str),
    /// `by` or `without` where it may not stand.
    #[error("grouping not allowed for {0} aggregation")]
    Grouping(&'static str),
    /// The same for sorting.
    #[error("sort and sort_desc doesn't allow grouping by ")]
    SortGrouping,
    /// A parameter is missing.
    #[error("parameter required for operation {0}")]
    ParameterRequired(&'static str),
    /// An aggregation over time that takes no parameter.
    #[error("parameter {text} not supported for operation {operation}")]
    RangeParameter {
        /// The parameter as written.
        text: String,
        /// The aggregation.
        operation: &'static str,
    },
    /// An aggregation that takes no parameter.
    #[error("unsupported parameter for operation {operation}({text},")]
    UnsupportedParameter {
        /// The parameter as written.
        text: String,
        /// The aggregation.
        operation: &'static str,
    },
    /// A parameter that is no whole number.
    #[error("invalid parameter {operation}({text},")]
    InvalidParameter {
        /// The parameter as written.
        text: String,
        /// The aggregation.
        operation: &'static str,
    },
    /// A parameter of zero.
    #[error("invalid parameter (must be greater than 0) {operation}({text}")]
    ParameterNotPositive {
        /// The parameter as written.
        text: String,
        /// The aggregation.
        operation: &'static str,
    },
    /// A log query as operand.
    #[error("unexpected type for {side} leg of binary operation ({operator}): *syntax.{}", type_name(*.filtered))]
    LogOperand {
        /// `left` or `right`.
        side: &'static str,
        /// The operator.
        operator: &'static str,
        /// Whether it has stages.
        filtered: bool,
    },
    /// A number as operand of `and`, `or` or `unless`.
    #[error("unexpected literal for {side} leg of logical/set binary operation ({operator}): {value:.6}")]
    SetOperand {
        /// `left` or `right`.
        side: &'static str,
        /// The operator.
        operator: &'static str,
        /// The number.
        value: f64,
    },
    /// A stage that cannot be made.
    #[error("stage '{stage}' : {error}")]
    Stage {
        /// The stage as it is printed.
        stage: String,
        /// Why.
        error: StageError,
    },
    /// More than a selector where only one may stand.
    #[error("only label matchers are supported")]
    NotASelector,
    /// A metric query where a log query belongs.
    #[error("only log selector is supported")]
    NotALogQuery,
}

/// Why a stage cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StageError {
    /// A regular expression.
    #[error("{0}")]
    Regex(String),
    /// A pattern of `|>`.
    #[error(transparent)]
    Pattern(#[from] crate::pattern::PatternError),
    /// An address.
    #[error(transparent)]
    Ip(#[from] crate::ip::IpError),
    /// A path of `json` or `logfmt`.
    #[error("cannot parse expression [{expression}]: {error}")]
    Path {
        /// The path.
        expression: String,
        /// Why.
        error: PathError,
    },
    /// The template of `line_format`.
    #[error("invalid line template: {0}")]
    LineTemplate(String),
    /// A template of `label_format`.
    #[error("invalid template for label '{label}': {error}")]
    LabelTemplate {
        /// The label.
        label: String,
        /// What the template language says.
        error: String,
    },
    /// `label_format` names a label twice.
    #[error("multiple label name '{0}' not allowed in a single format operation")]
    RepeatedLabel(String),
    /// `label_format` names the error label.
    #[error("{0} cannot be formatted")]
    ErrorLabel(String),
}

/// `, expecting A or B`, or nothing.
struct Expecting<'a>(&'a [&'static str]);

impl fmt::Display for Expecting<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, name) in self.0.iter().enumerate() {
            formatter.write_str(if position == 0 { ", expecting " } else { " or " })?;
            formatter.write_str(name)?;
        }
        Ok(())
    }
}

fn type_name(filtered: bool) -> &'static str {
    if filtered { "PipelineExpr" } else { "MatchersExpr" }
}
