//! Trees as text, as the original's formatter writes it: on one line here, on several in `pretty`.

mod pretty;
mod stage;

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use model::Matcher;
use model::duration::format_duration;
use model::number::push_plain;
use model::quote::quote;

use crate::ast::{
    Binary, Cardinality, Expr, Grouping, LabelReplace, LogExpr, MetricExpr, RangeAggregation, Unwrap,
    Variants, VectorAggregation,
};
use crate::quantity::format_go_duration;

/// A number without exponent.
struct Plain(f64);

impl Display for Plain {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        push_plain(&mut text, self.0);
        formatter.write_str(&text)
    }
}

/// Items with a text between.
struct Joined<'a, T>(&'a [T], &'static str);

impl<T: Display> Display for Joined<'_, T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (position, item) in self.0.iter().enumerate() {
            if position > 0 {
                formatter.write_str(self.1)?;
            }
            item.fmt(formatter)?;
        }
        Ok(())
    }
}

/// A matcher; names of any letters are written as they are read, without quotes.
struct MatcherText<'a>(&'a Matcher);

impl Display for MatcherText<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}{}", self.0.name(), self.0.op().as_str(), quote(self.0.value()))
    }
}

/// Matchers in braces.
struct Selector<'a>(&'a LogExpr);

impl Display for Selector<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("{")?;
        for (position, matcher) in self.0.matchers.iter().enumerate() {
            formatter.write_str(if position > 0 { ", " } else { "" })?;
            MatcherText(matcher).fmt(formatter)?;
        }
        formatter.write_str("}")
    }
}

impl Display for Expr {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(log) => log.fmt(formatter),
            Self::Metric(metric) => metric.fmt(formatter),
        }
    }
}

impl Display for LogExpr {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        Selector(self).fmt(formatter)?;
        self.stages.iter().try_for_each(|stage| write!(formatter, " {stage}"))
    }
}

impl Display for MetricExpr {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(number) => Plain(*number).fmt(formatter),
            Self::Vector(number) => VectorCall(*number).fmt(formatter),
            Self::Range(range) => range.fmt(formatter),
            Self::Aggregation(aggregation) => aggregation.fmt(formatter),
            Self::Binary(binary) => binary.fmt(formatter),
            Self::LabelReplace(replace) => replace.fmt(formatter),
            Self::Variants(variants) => variants.fmt(formatter),
        }
    }
}

/// `vector(1.000000)`; with more digits where six would make another number of it.
struct VectorCall(f64);

impl Display for VectorCall {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let text = format!("{:.6}", self.0);
        match text.parse() == Ok(self.0) {
            true => write!(formatter, "vector({text})"),
            false => write!(formatter, "vector({})", Plain(self.0)),
        }
    }
}

/// The offset of a range, or nothing.
struct Offset(i64);

impl Display for Offset {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            nanos => write!(formatter, " offset {}", format_go_duration(nanos)),
        }
    }
}

impl Display for RangeAggregation {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}(", self.operation.as_str())?;
        if let Some(parameter) = self.parameter {
            write!(formatter, "{},", Plain(parameter))?;
        }
        write!(formatter, "{})", LogRange::of(self))?;
        self.grouping.as_ref().map_or(Ok(()), |grouping| grouping.fmt(formatter))
    }
}

/// Lines, and how far back they are taken.
struct LogRange<'a> {
    log: &'a LogExpr,
    unwrap: Option<&'a Unwrap>,
    range: Duration,
    offset_nanos: i64,
}

impl<'a> LogRange<'a> {
    fn of(range: &'a RangeAggregation) -> Self {
        let RangeAggregation { log, unwrap, range, offset_nanos, .. } = range;
        Self { log, unwrap: unwrap.as_ref(), range: *range, offset_nanos: *offset_nanos }
    }

    fn of_variants(variants: &'a Variants) -> Self {
        let Variants { log, unwrap, range, offset_nanos, .. } = variants;
        Self { log, unwrap: unwrap.as_ref(), range: *range, offset_nanos: *offset_nanos }
    }
}

impl Display for LogRange<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.log.fmt(formatter)?;
        if let Some(unwrap) = self.unwrap {
            write!(formatter, " {unwrap}")?;
        }
        write!(formatter, "[{}]{}", format_duration(self.range), Offset(self.offset_nanos))
    }
}

impl Display for Variants {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let lines = LogRange::of_variants(self);
        write!(formatter, "variants({}) of ({lines})", Joined(&self.metrics, ", "))
    }
}

impl Display for Unwrap {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.conversion {
            Some(conversion) => write!(formatter, "| unwrap {}({})", conversion.as_str(), self.label)?,
            None => write!(formatter, "| unwrap {}", self.label)?,
        }
        self.filters.iter().try_for_each(|filter| write!(formatter, " | {filter}"))
    }
}

/// With a space before it.
impl Display for Grouping {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let word = if self.without { "without" } else { "by" };
        write!(formatter, " {word} ({})", Joined(&self.labels, ","))
    }
}

impl Display for VectorAggregation {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.operation.as_str())?;
        if let Some(grouping) = &self.grouping {
            grouping.fmt(formatter)?;
        }
        match self.count {
            Some(count) => write!(formatter, "({count},{})", self.expr),
            None => write!(formatter, "({})", self.expr),
        }
    }
}

impl Display for Binary {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "({} {} {})", self.left, OperatorText(self), self.right)
    }
}

/// The operator with what follows it.
struct OperatorText<'a>(&'a Binary);

impl Display for OperatorText<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Binary { operator, returns_bool, matching, right, .. } = self.0;
        formatter.write_str(operator.as_str())?;
        if *returns_bool {
            formatter.write_str(" bool")?;
        }
        let Some(matching) = matching else { return Ok(()) };
        let word = if matching.on { "on" } else { "ignoring" };
        // Without a group the original leaves a space too many.
        write!(formatter, " {word} ({}) ", Joined(&matching.labels, ","))?;
        match matching.cardinality {
            Cardinality::OneToOne => return Ok(()),
            Cardinality::ManyToOne => formatter.write_str("group_left")?,
            Cardinality::OneToMany => formatter.write_str("group_right")?,
        }
        // Without labels, parentheses keep those of the operand from being read as labels.
        if matching.include.is_empty() && !matches!(right, MetricExpr::Binary(_)) {
            return Ok(());
        }
        write!(formatter, " ({})", Joined(&matching.include, ","))
    }
}

impl Display for LabelReplace {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "label_replace({}", self.expr)?;
        for text in [&self.destination, &self.replacement, &self.source, &self.regex] {
            write!(formatter, ",{}", quote(text))?;
        }
        formatter.write_str(")")
    }
}
