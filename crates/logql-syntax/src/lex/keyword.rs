//! Words with a meaning of their own.

use super::TokenKind::{self, *};

/// Words that are keywords wherever they stand.
const ALWAYS: [(&str, TokenKind); 22] = [
    ("by", By),
    ("without", Without),
    ("bool", Bool),
    ("offset", Offset),
    ("on", On),
    ("ignoring", Ignoring),
    ("group_left", GroupLeft),
    ("group_right", GroupRight),
    ("or", Or),
    ("and", And),
    ("unless", Unless),
    ("json", Json),
    ("regexp", Regexp),
    ("logfmt", Logfmt),
    ("unpack", Unpack),
    ("pattern", Pattern),
    ("label_format", LabelFormat),
    ("line_format", LineFormat),
    ("unwrap", Unwrap),
    ("decolorize", Decolorize),
    ("drop", Drop),
    ("keep", Keep),
];

/// Words that are keywords only before `(`, `by` or `without`, and label names elsewhere.
const FUNCTIONS: [(&str, TokenKind); 33] = [
    ("rate", Rate),
    ("rate_counter", RateCounter),
    ("count_over_time", CountOverTime),
    ("bytes_rate", BytesRate),
    ("bytes_over_time", BytesOverTime),
    ("avg_over_time", AvgOverTime),
    ("sum_over_time", SumOverTime),
    ("min_over_time", MinOverTime),
    ("max_over_time", MaxOverTime),
    ("stdvar_over_time", StdvarOverTime),
    ("stddev_over_time", StddevOverTime),
    ("quantile_over_time", QuantileOverTime),
    ("first_over_time", FirstOverTime),
    ("last_over_time", LastOverTime),
    ("absent_over_time", AbsentOverTime),
    ("vector", Vector),
    ("sum", Sum),
    ("avg", Avg),
    ("max", Max),
    ("min", Min),
    ("count", Count),
    ("stddev", Stddev),
    ("stdvar", Stdvar),
    ("bottomk", BottomK),
    ("topk", TopK),
    ("approx_topk", ApproxTopK),
    ("sort", Sort),
    ("sort_desc", SortDesc),
    ("label_replace", LabelReplace),
    ("bytes", BytesConversion),
    ("duration", DurationConversion),
    ("duration_seconds", DurationSecondsConversion),
    ("ip", Ip),
];

/// Operators of two characters, before those of one.
const OPERATORS: [(&str, TokenKind); 27] = [
    ("!=", NotEqual),
    ("=~", RegexMatch),
    ("!~", RegexNoMatch),
    ("|=", PipeExact),
    ("|~", PipeMatch),
    ("|>", PipePattern),
    ("!>", NotPattern),
    ("==", CompareEqual),
    (">=", GreaterOrEqual),
    ("<=", LessOrEqual),
    (",", Comma),
    (".", Dot),
    ("{", OpenBrace),
    ("}", CloseBrace),
    ("=", Equal),
    ("|", Pipe),
    ("(", OpenParenthesis),
    (")", CloseParenthesis),
    ("]", CloseBracket),
    ("+", Add),
    ("-", Subtract),
    ("*", Multiply),
    ("/", Divide),
    ("%", Modulo),
    ("^", Power),
    (">", Greater),
    ("<", Less),
];

/// What a word is, in any case of letters; `calls` tells whether a function's name is one here.
pub(super) fn word(text: &str, calls: impl FnOnce() -> bool) -> TokenKind {
    let find = |words: &[(&str, TokenKind)]| {
        words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, kind)| *kind)
    };
    if let Some(kind) = find(&ALWAYS) {
        return kind;
    }
    match find(&FUNCTIONS) {
        Some(kind) if calls() => kind,
        _ => Identifier,
    }
}

/// The operator at the beginning of a text, and its length.
pub(super) fn operator(text: &str) -> Option<(TokenKind, usize)> {
    OPERATORS
        .iter()
        .find(|(operator, _)| text.starts_with(operator))
        .map(|(operator, kind)| (*kind, operator.len()))
}
