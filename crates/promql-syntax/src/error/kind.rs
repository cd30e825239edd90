//! The things that can be wrong, each with its message.

use std::fmt;

use model::quote::quote;

use super::shown::{CodePoint, FixedPoint, InContext, QuotedChar};
use crate::ast::ValueType;

/// What is wrong. The texts are the original's, those about bounds excepted: it has none.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing but blanks and comments.
    #[error("no expression found in input")]
    Empty,
    /// A token that cannot stand where it does.
    #[error("unexpected {found}{}", InContext { context, expected })]
    Unexpected {
        /// The token, described.
        found: String,
        /// What was being read; empty for nothing in particular.
        context: &'static str,
        /// What could stand there; empty where that is too much to tell.
        expected: &'static str,
    },

    /// A character that begins no token.
    #[error("unexpected character: {}", QuotedChar(Some(*.0)))]
    UnexpectedCharacter(char),
    /// A character behind the first one of an operator.
    #[error("unexpected character after '{before}': {}", QuotedChar(*.found))]
    UnexpectedAfter {
        /// The first character.
        before: char,
        /// The one behind it, `None` at the end.
        found: Option<char>,
    },
    /// The same between braces.
    #[error("unexpected character after '{before}' inside braces: {}", QuotedChar(*.found))]
    UnexpectedAfterInBraces {
        /// The first character.
        before: char,
        /// The one behind it, `None` at the end.
        found: Option<char>,
    },
    /// A character that begins no token between braces.
    #[error("unexpected character inside braces: {}", QuotedChar(Some(*.0)))]
    UnexpectedInBraces(char),
    /// The end between braces.
    #[error("unexpected end of input inside braces")]
    EndInBraces,
    /// A brace between braces.
    #[error("unexpected left brace '{{'")]
    BraceInBraces,
    /// A bracket between brackets.
    #[error("unexpected left bracket '['")]
    BracketInBrackets,
    /// A bracket that nothing opened.
    #[error("unexpected right bracket ']'")]
    UnopenedBracket,
    /// A bracket that nothing closes.
    #[error("unclosed left bracket")]
    UnclosedBracket,
    /// A parenthesis that nothing opened.
    #[error("unexpected right parenthesis ')'")]
    UnopenedParen,
    /// A parenthesis that nothing closes.
    #[error("unclosed left parenthesis")]
    UnclosedParen,
    /// A colon where none can be.
    #[error("unexpected colon {}", QuotedChar(Some(*.0)))]
    UnexpectedColon(char),
    /// A letter behind the duration between brackets.
    #[error("unexpected character: {}, expected ':'", QuotedChar(Some(*.0)))]
    ExpectedColon(char),
    /// A colon right behind the bracket.
    #[error("unexpected colon before duration in duration expression")]
    ColonBeforeDuration,
    /// A character that is in no duration.
    #[error("unexpected character in duration expression: {}", QuotedChar(Some(*.0)))]
    UnexpectedInDuration(char),
    /// The end right behind the bracket.
    #[error("unexpected end of input in duration expression")]
    EndInDuration,

    /// A string that nothing closes.
    #[error("unterminated quoted string")]
    UnterminatedString,
    /// A string in backticks that nothing closes.
    #[error("unterminated raw string")]
    UnterminatedRawString,
    /// What was no UTF-8 in a string. Whoever decodes a query puts U+FFFD there.
    #[error("invalid UTF-8 rune")]
    InvalidUtf8,
    /// An escape that the end cuts off.
    #[error("escape sequence not terminated")]
    UnterminatedEscape,
    /// An escape that does not exist.
    #[error("unknown escape sequence {}", CodePoint(*.0))]
    UnknownEscape(char),
    /// A character that is no digit in an escape that has digits.
    #[error("illegal character {} in escape sequence", CodePoint(*.0))]
    IllegalInEscape(char),
    /// An escape for what is no character, or no byte.
    #[error("escape sequence is an invalid Unicode code point")]
    InvalidCodePoint,

    /// Digits that are neither a number nor a duration.
    #[error("bad number or duration syntax: {}", quote(.0))]
    BadNumberOrDuration(String),
    /// A number that Go cannot read.
    #[error("error parsing number: strconv.ParseFloat: parsing {}: {}", quote(text), if *.out_of_range { "value out of range" } else { "invalid syntax" })]
    InvalidNumber {
        /// The number.
        text: String,
        /// Whether it is well-formed, but too large.
        out_of_range: bool,
    },
    /// A duration that is none.
    #[error(transparent)]
    InvalidDuration(#[from] model::duration::DurationError),
    /// A duration of zero or less.
    #[error("duration must be greater than 0")]
    DurationNotPositive,
    /// A duration too long.
    #[error("duration out of range")]
    DurationOutOfRange,
    /// A division by the number zero.
    #[error("division by zero")]
    DivisionByZero,
    /// A remainder of a division by the number zero.
    #[error("modulo by zero")]
    ModuloByZero,

    /// A regular expression that is none.
    #[error(transparent)]
    InvalidRegex(#[from] go_regex::Error),
    /// A label's name that is none, in quotes.
    #[error("invalid label name for grouping: {0}")]
    InvalidGroupingLabel(String),
    /// The name both before the braces and between them.
    #[error("metric name must not be set twice: {} or {}", quote(first), quote(second))]
    NameSetTwice {
        /// The name before the braces.
        first: String,
        /// The one between them.
        second: String,
    },
    /// A selector that would select everything.
    #[error("vector selector must contain at least one non-empty matcher")]
    NoNonEmptyMatcher,

    /// A range over something else than a selector.
    #[error("ranges only allowed for vector selectors")]
    RangeOfNoSelector,
    /// `offset` before the range.
    #[error("no offset modifiers allowed before range")]
    OffsetBeforeRange,
    /// `@` before the range.
    #[error("no @ modifiers allowed before range")]
    AtBeforeRange,
    /// `offset` on something that has no time.
    #[error(
        "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"
    )]
    MisplacedOffset,
    /// A second `offset`.
    #[error("offset may not be set multiple times")]
    OffsetSetTwice,
    /// `@` on something that has no time.
    #[error(
        "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery"
    )]
    MisplacedAt,
    /// A second `@`.
    #[error("@ <timestamp> may not be set multiple times")]
    AtSetTwice,
    /// A time that no number of milliseconds can tell.
    #[error("timestamp out of bounds for @ modifier: {}", FixedPoint(*.0))]
    AtOutOfBounds(f64),
    /// `anchored` or `smoothed` while the feature is off.
    #[error("{0} modifier is experimental and not enabled")]
    ExtensionNotEnabled(&'static str),
    /// `anchored` or `smoothed` on something that is no selector.
    #[error("{0} modifier not implemented")]
    MisplacedExtension(&'static str),
    /// `anchored` or `smoothed` on a subquery.
    #[error("{0} modifier is not supported for subqueries")]
    ExtensionOfSubquery(&'static str),
    /// Both of them.
    #[error("anchored and smoothed modifiers cannot be used together")]
    ExtensionsTogether,

    /// A name that is no function.
    #[error("unknown function with name {}", quote(.0))]
    UnknownFunction(String),
    /// An experimental function while the feature is off.
    #[error("function {} is not enabled", quote(.0))]
    FunctionNotEnabled(&'static str),
    /// An experimental aggregation while the feature is off.
    #[error("{0}() is experimental and must be enabled with --enable-feature=promql-experimental-functions")]
    AggregateNotEnabled(&'static str),
    /// A comma before the closing parenthesis of a call.
    #[error("trailing commas not allowed in function call args")]
    TrailingComma,
    /// Too few or too many arguments.
    #[error("expected {}{expected} argument(s) in call to \"{function}\", got {got}", qualifier.text())]
    ArgumentCount {
        /// The function.
        function: &'static str,
        /// Whether `expected` is a bound.
        qualifier: CountQualifier,
        /// How many it takes.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// An aggregation without arguments.
    #[error("no arguments for aggregate expression provided")]
    AggregateWithoutArguments,
    /// An aggregation with too few or too many arguments.
    #[error("wrong number of arguments for aggregate expression provided, expected {expected}, got {got}")]
    AggregateArgumentCount {
        /// How many it takes.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// An argument of another type.
    #[error("expected type {} in {context}, got {}", expected.documented_name(), got.documented_name())]
    WrongType {
        /// What must be there.
        expected: ValueType,
        /// Where.
        context: TypeContext,
        /// What is there.
        got: ValueType,
    },
    /// The second argument of `info` has a name before the braces.
    #[error("expected label selectors only, got vector selector instead")]
    InfoSelectorWithName,
    /// The second argument of `info` is no selector.
    #[error("expected label selectors only")]
    InfoNoSelector,

    /// An operand of an operator that has no number.
    #[error("binary expression must contain only scalar and instant vector types")]
    BinaryOperandType,
    /// `bool` on something that does not compare.
    #[error("bool modifier can only be used on comparison operators")]
    BoolOnNoComparison,
    /// A comparison between numbers that could give nothing.
    #[error("comparisons between scalars must use BOOL modifier")]
    ScalarComparisonWithoutBool,
    /// A set operator on a number.
    #[error("set operator \"{0}\" not allowed in binary scalar expression")]
    SetOperatorOnScalar(&'static str),
    /// A set operator with `group_left` or `group_right`.
    #[error("no grouping allowed for \"{0}\" operation")]
    GroupingOfSetOperator(&'static str),
    /// `on` or `ignoring` with a number.
    #[error("vector matching only allowed between instant vectors")]
    MatchingOfScalars,
    /// A label both of `on` and of `group_left` or `group_right`.
    #[error("label {} must not occur in ON and GROUP clause at once", quote(.0))]
    LabelInOnAndGroup(String),
    /// `fill` while the feature is off.
    #[error("binop fill modifiers are experimental and not enabled")]
    FillNotEnabled,
    /// `fill` with a set operator.
    #[error("filling in missing series not allowed for set operators")]
    FillOfSetOperator,
    /// `fill` with a number.
    #[error("filling in missing series only allowed between instant vectors")]
    FillOfScalars,
    /// A sign before something that has no number.
    #[error("unary expression only allowed on expressions of type scalar or instant vector, got \"{}\"", .0.documented_name())]
    UnaryOperandType(ValueType),
    /// A subquery over something else than an instant vector.
    #[error("subquery is only allowed on instant vector, got {} instead", .0.name())]
    SubqueryType(ValueType),

    /// A character that is in no value of a series.
    #[error("unexpected character in series sequence: {}", QuotedChar(Some(*.0)))]
    UnexpectedInSeries(char),
    /// Digits that are no number.
    #[error("bad number syntax: {}", quote(.0))]
    BadNumber(String),
    /// A repetition that is no whole number.
    #[error("invalid repetition in series values: strconv.ParseUint: parsing {}: {}", quote(text), if *.out_of_range { "value out of range" } else { "invalid syntax" })]
    InvalidRepetition {
        /// The number.
        text: String,
        /// Whether it is well-formed, but too large.
        out_of_range: bool,
    },
    /// More values than a series description may have.
    #[error("series has more than {0} values")]
    TooManyValues(usize),
    /// A histogram that breaks off, or the character at which it does.
    #[error("histogram description incomplete unexpected: {}", QuotedChar(*.0))]
    HistogramIncomplete(Option<char>),
    /// A field without a colon.
    #[error("missing `:` for histogram descriptor")]
    MissingColonInHistogram,
    /// A field that does not exist.
    #[error("bad histogram descriptor found: {}", quote(.0))]
    BadHistogramField(String),
    /// A field that is there twice.
    #[error("duplicate key \"{0}\" in histogram")]
    DuplicateHistogramField(&'static str),
    /// A character that is in no list of numbers.
    #[error("invalid character in buckets description: {}", QuotedChar(*.0))]
    BadInBuckets(Option<char>),
    /// Two histograms that cannot be added.
    #[error("error combining histograms: {0}")]
    HistogramAddition(model::histogram::Error),
    /// Start timestamps that are none.
    #[error("invalid start timestamp {}", quote(.0))]
    InvalidStartTimestamp(String),

    /// A text longer than any query should be.
    #[error("query text is longer than {0} bytes")]
    TextTooLong(usize),
    /// An expression deeper than any query should be.
    #[error("expression is nested deeper than {0} levels")]
    TooDeep(usize),
}

/// Whether a number of arguments is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountQualifier {
    /// It is.
    Exactly,
    /// It is the fewest.
    AtLeast,
    /// It is the most.
    AtMost,
}

impl CountQualifier {
    const fn text(self) -> &'static str {
        match self {
            Self::Exactly => "",
            Self::AtLeast => "at least ",
            Self::AtMost => "at most ",
        }
    }
}

/// Where a type is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeContext {
    /// The vector of an aggregation.
    Aggregation,
    /// The parameter of an aggregation.
    AggregationParameter,
    /// An argument of this function.
    Call(&'static str),
}

impl fmt::Display for TypeContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregation => formatter.write_str("aggregation expression"),
            Self::AggregationParameter => formatter.write_str("aggregation parameter"),
            Self::Call(function) => write!(formatter, "call to function \"{function}\""),
        }
    }
}
