//! Trees to text: the canonical form on one line, and the pretty form (specification, section 2.10).
//!
//! Reading the canonical form gives the same tree again.

mod duration;
mod pretty;

use std::fmt::{self, Display, Formatter, Write};

use model::matcher::Matcher;
use model::name::is_legacy_metric_name;
use model::number::format_plain;
use model::quote::quote;

use crate::ast::{
    Aggregate, At, Binary, BinaryOp, Call, Cardinality, DurationValue, Expr, Fill, MatrixSelector,
    NumberLiteral, Subquery, VectorMatching, VectorSelector,
};

/// The canonical form: what the rules API, `generatorURL` and the query log show.
impl Display for Expr {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::String(string) => formatter.write_str(&escaped(quote(&string.value))),
            Self::VectorSelector(selector) => selector.fmt(formatter),
            Self::MatrixSelector(matrix) => matrix.fmt(formatter),
            Self::Subquery(subquery) => {
                write!(formatter, "{}{}", subquery.expr, SubqueryEnd(subquery))
            }
            Self::Unary(unary) => write!(formatter, "{}{}", unary.op.symbol(), unary.expr),
            Self::Binary(binary) => {
                match unsigned_base(binary) {
                    Some(base) => formatter.write_str(base)?,
                    None => binary.lhs.fmt(formatter)?,
                }
                write!(formatter, " {} {}", Operator(binary), binary.rhs)
            }
            Self::Aggregate(aggregate) => {
                write!(formatter, "{}(", AggregateHead(aggregate))?;
                if let Some(param) = &aggregate.param {
                    write!(formatter, "{param}, ")?;
                }
                write!(formatter, "{})", aggregate.expr)
            }
            Self::Call(call) => call.fmt(formatter),
            Self::Paren(paren) => write!(formatter, "({})", paren.expr),
        }
    }
}

/// A quoted text as it can be read again: U+FFFD itself is refused in strings, its escape is not.
fn escaped(quoted: String) -> String {
    if quoted.contains(char::REPLACEMENT_CHARACTER) {
        return quoted.replace(char::REPLACEMENT_CHARACTER, "\\ufffd");
    }
    quoted
}

/// How an infinite base of a power is written: `+Inf ^ a` would be read as a sign before `Inf ^ a`.
fn unsigned_base(binary: &Binary) -> Option<&'static str> {
    match &binary.lhs {
        Expr::Number(number) if binary.op == BinaryOp::Pow && number.value == f64::INFINITY => Some("Inf"),
        _ => None,
    }
}

impl Display for NumberLiteral {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if !self.duration {
            return formatter.write_str(&format_plain(self.value));
        }
        duration::seconds(self.value).fmt(formatter)
    }
}

impl Display for VectorSelector {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}{}", Series(self), Modifiers::extension(self), Modifiers::offset(self))
    }
}

impl Display for MatrixSelector {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let selector = &self.selector;
        write!(formatter, "{}[{}]", Series(selector), self.range)?;
        if let Some(extension) = selector.extension {
            write!(formatter, " {}", extension.name())?;
        }
        write!(formatter, "{}{}", AtModifier(selector.at), OffsetModifier(&selector.offset))
    }
}

impl Display for Call {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}(", self.function.name)?;
        for (position, argument) in self.args.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(formatter, "{separator}{argument}")?;
        }
        formatter.write_char(')')
    }
}

/// Name and matchers of a selector, without modifiers.
struct Series<'e>(&'e VectorSelector);

impl Display for Series<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self(selector) = self;
        let stands_before = |matcher: &&Matcher| {
            !selector.name.is_empty() && matcher.is_metric_name() && matcher.value() == selector.name
        };
        let mut matchers: Vec<String> = selector
            .matchers
            .iter()
            .filter(|matcher| !stands_before(matcher))
            .map(|matcher| escaped(matcher.to_string()))
            .collect();
        matchers.sort();
        formatter.write_str(&selector.name)?;
        // A selector of everything (an argument of `info`) still needs its braces.
        if matchers.is_empty() && !selector.name.is_empty() {
            return Ok(());
        }
        write!(formatter, "{{{}}}", matchers.join(","))
    }
}

/// The modifiers of an instant selector, in parts.
enum Modifiers<'e> {
    AtAndExtension(&'e VectorSelector),
    Offset(&'e VectorSelector),
}

impl<'e> Modifiers<'e> {
    const fn extension(selector: &'e VectorSelector) -> Self {
        Self::AtAndExtension(selector)
    }

    const fn offset(selector: &'e VectorSelector) -> Self {
        Self::Offset(selector)
    }
}

impl Display for Modifiers<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtAndExtension(selector) => {
                AtModifier(selector.at).fmt(formatter)?;
                match selector.extension {
                    Some(extension) => write!(formatter, " {}", extension.name()),
                    None => Ok(()),
                }
            }
            Self::Offset(selector) => OffsetModifier(&selector.offset).fmt(formatter),
        }
    }
}

struct AtModifier(Option<At>);

impl Display for AtModifier {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(At::Start) => formatter.write_str(" @ start()"),
            Some(At::End) => formatter.write_str(" @ end()"),
            Some(At::Timestamp(ms)) => write!(formatter, " @ {:.3}", ms as f64 / 1000.0),
        }
    }
}

struct OffsetModifier<'e>(&'e DurationValue);

impl Display for OffsetModifier<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() { Ok(()) } else { write!(formatter, " offset {}", self.0) }
    }
}

/// What follows the expression of a subquery.
struct SubqueryEnd<'e>(&'e Subquery);

impl Display for SubqueryEnd<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self(subquery) = self;
        write!(formatter, "[{}:", subquery.range)?;
        if let Some(step) = &subquery.step {
            step.fmt(formatter)?;
        }
        write!(formatter, "]{}{}", AtModifier(subquery.at), OffsetModifier(&subquery.offset))
    }
}

/// A binary operator with its modifiers.
struct Operator<'e>(&'e Binary);

impl Display for Operator<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self(binary) = self;
        formatter.write_str(binary.op.symbol())?;
        if binary.return_bool {
            formatter.write_str(" bool")?;
        }
        match &binary.matching {
            Some(matching) => matching.fmt(formatter),
            None => Ok(()),
        }
    }
}

impl Display for VectorMatching {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let group = match self.card {
            Cardinality::ManyToOne => "group_left",
            Cardinality::OneToMany => "group_right",
            Cardinality::OneToOne | Cardinality::ManyToMany => "",
        };
        if self.on || !self.labels.is_empty() || !group.is_empty() {
            let kind = if self.on { "on" } else { "ignoring" };
            write!(formatter, " {kind} ({})", Labels(&self.labels))?;
        }
        if !group.is_empty() {
            write!(formatter, " {group} ({})", Labels(&self.include))?;
        }
        self.fill.fmt(formatter)
    }
}

impl Display for Fill {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if let (Some(left), Some(right)) = (self.left, self.right)
            && (left.to_bits() == right.to_bits() || left.is_nan() && right.is_nan())
        {
            return write!(formatter, " fill ({})", format_plain(left));
        }
        for (keyword, value) in [("fill_left", self.left), ("fill_right", self.right)] {
            if let Some(value) = value {
                write!(formatter, " {keyword} ({})", format_plain(value))?;
            }
        }
        Ok(())
    }
}

/// An aggregation up to its opening parenthesis.
struct AggregateHead<'e>(&'e Aggregate);

impl Display for AggregateHead<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self(aggregate) = self;
        let (name, labels) = (aggregate.op.name(), Labels(&aggregate.grouping));
        match (aggregate.without, aggregate.grouping.is_empty()) {
            (true, _) => write!(formatter, "{name} without ({labels}) "),
            (false, false) => write!(formatter, "{name} by ({labels}) "),
            (false, true) => formatter.write_str(name),
        }
    }
}

/// Names with commas between them, in quotes where they need them.
struct Labels<'e>(&'e [String]);

impl Display for Labels<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (position, label) in self.0.iter().enumerate() {
            if position > 0 {
                formatter.write_str(", ")?;
            }
            // Colons are read here without quotes too.
            if is_legacy_metric_name(label) && !is_number_word(label) {
                formatter.write_str(label)?;
            } else {
                formatter.write_str(&escaped(quote(label)))?;
            }
        }
        Ok(())
    }
}

/// Whether a name would be read as a number.
fn is_number_word(label: &str) -> bool {
    label.eq_ignore_ascii_case("inf") || label.eq_ignore_ascii_case("nan")
}
