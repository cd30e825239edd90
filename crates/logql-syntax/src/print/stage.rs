//! Stages as text.

use std::fmt::{self, Display, Formatter};

use model::quote::quote;

use super::{Joined, MatcherText, Plain};
use crate::ast::{
    Condition, Extraction, LabelChoice, LabelFilter, LabelFormat, LabelValue, LineFilter, LineOperand, Stage,
};
use crate::quantity::{format_bytes, format_go_duration};

impl Display for Stage {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineFilters(filters) => Joined(filters, " ").fmt(formatter),
            Self::Json(extractions) => write!(formatter, "| json{}", Extractions(extractions)),
            Self::Logfmt { strict, keep_empty, extractions } => {
                let strict = if *strict { " --strict" } else { "" };
                let keep_empty = if *keep_empty { " --keep-empty" } else { "" };
                write!(formatter, "| logfmt{strict}{keep_empty}{}", Extractions(extractions))
            }
            Self::Regexp(text) => write!(formatter, "| regexp {}", quote(text)),
            Self::Pattern(text) => write!(formatter, "| pattern {}", quote(text)),
            Self::Unpack => formatter.write_str("| unpack"),
            Self::Decolorize => formatter.write_str("| decolorize"),
            Self::LabelFilter(filter) => write!(formatter, "| {filter}"),
            Self::LineFormat(template) => write!(formatter, "| line_format {}", quote(template)),
            Self::LabelFormat(formats) => write!(formatter, "| label_format {}", Joined(formats, ",")),
            Self::Drop(choices) => write!(formatter, "| drop {}", Joined(choices, ",")),
            Self::Keep(choices) => write!(formatter, "| keep {}", Joined(choices, ",")),
        }
    }
}

impl Display for LineFilter {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.operator.as_str(), self.operand)?;
        self.or.iter().try_for_each(|operand| write!(formatter, " or {operand}"))
    }
}

impl Display for LineOperand {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(&quote(text)),
            Self::Ip(pattern) => write!(formatter, "ip({})", quote(pattern)),
        }
    }
}

/// With a space before, where there are some.
struct Extractions<'a>(&'a [Extraction]);

impl Display for Extractions<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(formatter, " {}", Joined(self.0, ","))
    }
}

impl Display for Extraction {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.label, quote(&self.expression))
    }
}

impl Display for LabelFormat {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.value {
            LabelValue::Rename(from) => write!(formatter, "{}={from}", self.label),
            LabelValue::Template(text) => write!(formatter, "{}={}", self.label, quote(text)),
        }
    }
}

impl Display for LabelChoice {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Matching(matcher) => MatcherText(matcher).fmt(formatter),
        }
    }
}

impl Display for LabelFilter {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matcher(matcher) => MatcherText(matcher).fmt(formatter),
            Self::Condition { label, condition } => write!(formatter, "{label}{condition}"),
            Self::And(left, right) => write!(formatter, "( {left} , {right} )"),
            Self::Or(left, right) => write!(formatter, "( {left} or {right} )"),
        }
    }
}

/// Operator and operand.
impl Display for Condition {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(comparison, number) => {
                write!(formatter, "{}{}", comparison.as_str(), Plain(*number))
            }
            Self::Duration(comparison, nanos) => {
                write!(formatter, "{}{}", comparison.as_str(), format_go_duration(*nanos))
            }
            Self::Bytes(comparison, bytes) => {
                write!(formatter, "{}{}", comparison.as_str(), format_bytes(*bytes))
            }
            Self::Ip { negative, pattern } => {
                write!(formatter, "{}ip({})", if *negative { "!=" } else { "=" }, quote(pattern))
            }
        }
    }
}
