//! Tokens, and what the original calls them in messages.

use std::ops::Range;

use crate::error::{ErrorKind, Place};

/// One token with its place.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Its bytes in the text.
    pub(crate) span: Range<usize>,
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a token stands for, where its bytes do not say it.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    None,
    /// Of a string.
    Text(String),
    /// Of a duration, in nanoseconds.
    Nanos(i64),
    /// Of a size.
    Bytes(u64),
    /// Of a range.
    Range(std::time::Duration),
    /// What is wrong.
    Broken(ErrorKind),
}

macro_rules! tokens {
    ($($name:ident = $text:literal,)*) => {
        /// The kinds of tokens, in the order in which messages list them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum TokenKind {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl TokenKind {
            /// The name in messages.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

tokens! {
    End = "$end",
    Broken = "error",
    Bytes = "BYTES",
    Identifier = "IDENTIFIER",
    String = "STRING",
    Number = "NUMBER",
    ParserFlag = "PARSER_FLAG",
    Duration = "DURATION",
    Range = "RANGE",
    Equal = "=",
    RegexMatch = "=~",
    RegexNoMatch = "!~",
    NotPattern = "!>",
    OpenBrace = "{",
    CloseBrace = "}",
    CloseBracket = "]",
    Comma = ",",
    Dot = ".",
    PipeMatch = "|~",
    PipeExact = "|=",
    PipePattern = "|>",
    OpenParenthesis = "(",
    CloseParenthesis = ")",
    By = "by",
    Without = "without",
    CountOverTime = "COUNT_OVER_TIME",
    Rate = "RATE",
    RateCounter = "RATE_COUNTER",
    Sum = "SUM",
    Sort = "SORT",
    SortDesc = "SORT_DESC",
    Avg = "AVG",
    Max = "MAX",
    Min = "MIN",
    Count = "COUNT",
    Stddev = "STDDEV",
    Stdvar = "STDVAR",
    BottomK = "BOTTOMK",
    TopK = "TOPK",
    ApproxTopK = "APPROX_TOPK",
    BytesOverTime = "BYTES_OVER_TIME",
    BytesRate = "BYTES_RATE",
    Bool = "bool",
    Json = "json",
    Regexp = "regexp",
    Logfmt = "logfmt",
    Pipe = "|",
    LineFormat = "line_format",
    LabelFormat = "label_format",
    Unwrap = "unwrap",
    AvgOverTime = "AVG_OVER_TIME",
    SumOverTime = "SUM_OVER_TIME",
    MinOverTime = "MIN_OVER_TIME",
    MaxOverTime = "MAX_OVER_TIME",
    StdvarOverTime = "STDVAR_OVER_TIME",
    StddevOverTime = "STDDEV_OVER_TIME",
    QuantileOverTime = "QUANTILE_OVER_TIME",
    BytesConversion = "BYTES_CONV",
    DurationConversion = "DURATION_CONV",
    DurationSecondsConversion = "DURATION_SECONDS_CONV",
    FirstOverTime = "FIRST_OVER_TIME",
    LastOverTime = "LAST_OVER_TIME",
    AbsentOverTime = "ABSENT_OVER_TIME",
    Vector = "VECTOR",
    LabelReplace = "label_replace",
    Unpack = "unpack",
    Offset = "offset",
    Pattern = "pattern",
    Ip = "ip",
    On = "on",
    Ignoring = "ignoring",
    GroupLeft = "group_left",
    GroupRight = "group_right",
    Decolorize = "decolorize",
    Drop = "drop",
    Keep = "keep",
    Of = "of",
    Or = "or",
    And = "and",
    Unless = "unless",
    CompareEqual = "==",
    NotEqual = "!=",
    Less = "<",
    LessOrEqual = "<=",
    Greater = ">",
    GreaterOrEqual = ">=",
    Add = "+",
    Subtract = "-",
    Multiply = "*",
    Divide = "/",
    Modulo = "%",
    Power = "^",
}
