//! The pretty form: what is longer than a line is broken, from the outside in.

use std::fmt::{self, Write};

use super::{AggregateHead, Operator, SubqueryEnd, unsigned_base};
use crate::ast::Expr;

/// The longest text that stays on one line, in bytes and without its indentation.
const LINE_BYTES_MAX: usize = 100;

/// One level of indentation.
const INDENT: &str = "  ";

impl Expr {
    /// The expression over several lines where one would be too long, as `format_query` shows it.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        push(&mut out, self, 0);
        out
    }
}

/// Appends an expression that begins on a new line.
fn push(out: &mut String, expr: &Expr, level: usize) {
    if let Some(line) = Line::of(expr) {
        // The original does not indent a subquery that fits, and files checked in show it so.
        let level = if matches!(expr, Expr::Subquery(_)) { 0 } else { level };
        push_line(out, level, &line);
        return;
    }
    match expr {
        Expr::Number(_) | Expr::String(_) | Expr::VectorSelector(_) | Expr::MatrixSelector(_) => {
            push_line(out, level, &expr.to_string());
        }
        Expr::Subquery(subquery) => {
            push(out, &subquery.expr, level);
            // Writing to a String cannot fail, here and below.
            let _ = write!(out, "{}", SubqueryEnd(subquery));
        }
        Expr::Unary(unary) => {
            push_line(out, level, unary.op.symbol());
            push_behind(out, &unary.expr, level);
        }
        Expr::Binary(binary) => {
            match unsigned_base(binary) {
                Some(base) => push_line(out, level + 1, base),
                None => push(out, &binary.lhs, level + 1),
            }
            out.push('\n');
            push_line(out, level, &Operator(binary).to_string());
            out.push('\n');
            push(out, &binary.rhs, level + 1);
        }
        Expr::Aggregate(aggregate) => {
            let head = AggregateHead(aggregate).to_string();
            push_list(out, level, &head, aggregate.param.iter().chain([&aggregate.expr]));
        }
        Expr::Call(call) => push_list(out, level, call.function.name, call.args.iter()),
        Expr::Paren(paren) => push_list(out, level, "", [&paren.expr].into_iter()),
    }
}

/// Appends an expression behind something on the same line.
fn push_behind(out: &mut String, expr: &Expr, level: usize) {
    let mut lines = String::new();
    push(&mut lines, expr, level);
    out.push_str(lines.trim_start());
}

/// Appends `head(`, the expressions on lines of their own, and `)`.
fn push_list<'e>(out: &mut String, level: usize, head: &str, list: impl Iterator<Item = &'e Expr>) {
    push_line(out, level, head);
    out.push('(');
    for (position, expr) in list.enumerate() {
        out.push_str(if position == 0 { "\n" } else { ",\n" });
        push(out, expr, level + 1);
    }
    out.push('\n');
    push_line(out, level, ")");
}

fn push_line(out: &mut String, level: usize, text: &str) {
    for _ in 0..level {
        out.push_str(INDENT);
    }
    out.push_str(text);
}

/// A text that may not grow longer than a line.
struct Line(String);

impl Line {
    /// The canonical form if it fits; a longer one is not written to its end.
    fn of(expr: &Expr) -> Option<String> {
        let mut line = Self(String::new());
        write!(line, "{expr}").ok().map(|()| line.0)
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > LINE_BYTES_MAX {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}
