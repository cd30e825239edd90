//! Trees as JSON, in the shapes of `parse_query` (specification, section 1.4).

use std::fmt::Write;

use model::matcher::Matcher;
use model::number::{format_plain, push_api};

use crate::ast::{
    Aggregate, At, Binary, Call, DurationExpr, DurationNode, DurationValue, Expr, Extension, Fill,
    NumberLiteral, Subquery, VectorMatching, VectorSelector,
};
use crate::functions::{Function, Repetition};

/// Writes a tree as `parse_query` answers it. Durations are in milliseconds; one that is an expression and not
/// resolved yet is 0.
pub fn write_json(out: &mut String, expr: &Expr) {
    match expr {
        Expr::Number(number) => write_number(out, number),
        Expr::String(string) => {
            Object::open(out).string("type", "stringLiteral").string("val", &string.value).close()
        }
        Expr::VectorSelector(selector) => write_selector(out, selector, None),
        Expr::MatrixSelector(matrix) => write_selector(out, &matrix.selector, Some(&matrix.range)),
        Expr::Subquery(subquery) => write_subquery(out, subquery),
        Expr::Unary(unary) => Object::open(out)
            .expr("expr", &unary.expr)
            .string("op", unary.op.symbol())
            .string("type", "unaryExpr")
            .close(),
        Expr::Paren(paren) => {
            Object::open(out).expr("expr", &paren.expr).string("type", "parenExpr").close();
        }
        Expr::Binary(binary) => write_binary(out, binary),
        Expr::Aggregate(aggregate) => write_aggregate(out, aggregate),
        Expr::Call(call) => write_call(out, call),
    }
}

fn write_number(out: &mut String, number: &NumberLiteral) {
    Object::open(out).string("type", "numberLiteral").string("val", &format_plain(number.value)).close();
}

fn write_selector(out: &mut String, selector: &VectorSelector, range: Option<&DurationValue>) {
    let kind = if range.is_some() { "matrixSelector" } else { "vectorSelector" };
    let mut object = Object::open(out)
        .bool("anchored", selector.extension == Some(Extension::Anchored))
        .list("matchers", &selector.matchers, write_matcher)
        .string("name", &selector.name)
        .duration("offset", "offsetExpr", Some(&selector.offset));
    if range.is_some() {
        object = object.duration("range", "rangeExpr", range);
    }
    object
        .bool("smoothed", selector.extension == Some(Extension::Smoothed))
        .at(selector.at)
        .string("type", kind)
        .close();
}

fn write_matcher(out: &mut String, matcher: &Matcher) {
    Object::open(out)
        .string("name", matcher.name())
        .string("type", matcher.op().as_str())
        .string("value", matcher.value())
        .close();
}

fn write_subquery(out: &mut String, subquery: &Subquery) {
    Object::open(out)
        .expr("expr", &subquery.expr)
        .duration("offset", "offsetExpr", Some(&subquery.offset))
        .duration("range", "rangeExpr", Some(&subquery.range))
        .duration("step", "stepExpr", subquery.step.as_ref())
        .at(subquery.at)
        .string("type", "subquery")
        .close();
}

fn write_binary(out: &mut String, binary: &Binary) {
    Object::open(out)
        .bool("bool", binary.return_bool)
        .expr("lhs", &binary.lhs)
        .optional("matching", binary.matching.as_ref(), write_matching)
        .string("op", binary.op.symbol())
        .expr("rhs", &binary.rhs)
        .string("type", "binaryExpr")
        .close();
}

fn write_matching(out: &mut String, matching: &VectorMatching) {
    Object::open(out)
        .string("card", matching.card.name())
        .value("fillValues", |out| write_fill(out, matching.fill))
        .list("include", &matching.include, |out, label| write_string(out, label))
        .list("labels", &matching.labels, |out, label| write_string(out, label))
        .bool("on", matching.on)
        .close();
}

fn write_fill(out: &mut String, fill: Fill) {
    let write = |out: &mut String, value: &f64| {
        if value.is_finite() { push_api(out, *value) } else { write_string(out, &format_plain(*value)) }
    };
    Object::open(out)
        .optional("lhs", fill.left.as_ref(), write)
        .optional("rhs", fill.right.as_ref(), write)
        .close();
}

fn write_aggregate(out: &mut String, aggregate: &Aggregate) {
    Object::open(out)
        .expr("expr", &aggregate.expr)
        .list("grouping", &aggregate.grouping, |out, label| write_string(out, label))
        .string("op", aggregate.op.name())
        .optional("param", aggregate.param.as_ref(), write_json)
        .string("type", "aggregation")
        .bool("without", aggregate.without)
        .close();
}

fn write_call(out: &mut String, call: &Call) {
    Object::open(out)
        .list("args", &call.args, write_json)
        .value("func", |out| write_function(out, call.function))
        .string("type", "call")
        .close();
}

fn write_function(out: &mut String, function: &Function) {
    let variadic = match function.last {
        Repetition::Exactly => 0,
        Repetition::UpTo(times) => i64::from(times),
        Repetition::AnyNumber => -1,
    };
    Object::open(out)
        .list("argTypes", function.args, |out, value_type| write_string(out, value_type.name()))
        .string("name", function.name)
        .string("returnType", function.returns.name())
        .integer("variadic", variadic)
        .close();
}

fn write_duration_expr(out: &mut String, expr: &DurationExpr) {
    let (op, lhs, rhs) = match &expr.node {
        DurationNode::Number { value, duration } => {
            return Object::open(out)
                .bool("duration", *duration)
                .string("type", "numberLiteral")
                .string("val", &format_plain(*value))
                .close();
        }
        DurationNode::Step => ("step", None, None),
        DurationNode::Range => ("range", None, None),
        DurationNode::Negated(operand) => ("-", None, Some(&**operand)),
        DurationNode::Binary { op, lhs, rhs } => (op.symbol(), Some(&**lhs), Some(&**rhs)),
    };
    Object::open(out)
        .optional("lhs", lhs, write_duration_expr)
        .string("op", op)
        .optional("rhs", rhs, write_duration_expr)
        .string("type", "durationExpr")
        .bool("wrapped", expr.wrapped)
        .close();
}

/// An object being written; its keys come in the order of the calls.
struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    fn open(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    fn close(self) {
        self.out.push('}');
    }

    fn value(mut self, key: &str, write: impl FnOnce(&mut String)) -> Self {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        write_string(self.out, key);
        self.out.push(':');
        write(self.out);
        self
    }

    fn string(self, key: &str, value: &str) -> Self {
        self.value(key, |out| write_string(out, value))
    }

    fn bool(self, key: &str, value: bool) -> Self {
        self.value(key, |out| out.push_str(if value { "true" } else { "false" }))
    }

    fn integer(self, key: &str, value: i64) -> Self {
        self.value(key, |out| out.push_str(&value.to_string()))
    }

    fn expr(self, key: &str, expr: &Expr) -> Self {
        self.value(key, |out| write_json(out, expr))
    }

    fn optional<T>(self, key: &str, value: Option<&T>, write: impl FnOnce(&mut String, &T)) -> Self {
        self.value(key, |out| match value {
            Some(value) => write(out, value),
            None => out.push_str("null"),
        })
    }

    fn list<T>(self, key: &str, items: &[T], write: impl Fn(&mut String, &T)) -> Self {
        self.value(key, |out| {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        })
    }

    fn duration(self, key: &str, expr_key: &str, value: Option<&DurationValue>) -> Self {
        let expr = value.and_then(|value| value.expr.as_deref());
        self.integer(key, value.map_or(0, |value| value.ms)).optional(expr_key, expr, write_duration_expr)
    }

    fn at(self, at: Option<At>) -> Self {
        let (word, timestamp) = match at {
            None => (None, None),
            Some(At::Start) => (Some("start"), None),
            Some(At::End) => (Some("end"), None),
            Some(At::Timestamp(ms)) => (None, Some(ms)),
        };
        self.optional("startOrEnd", word.as_ref(), |out, word| write_string(out, word)).optional(
            "timestamp",
            timestamp.as_ref(),
            |out, ms| out.push_str(&ms.to_string()),
        )
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
