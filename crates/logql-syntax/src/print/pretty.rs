//! Trees on several lines.
//!
//! What fits into [`LINE_BYTES_MAX`] stays on one line. What does not has its arguments, and its stages, on lines of
//! their own.

use std::fmt::{self, Display, Write};

use model::duration::format_duration;
use model::quote::quote;

use super::{LogRange, Offset, OperatorText, Plain, Selector};
use crate::ast::{Expr, LogExpr, MetricExpr, RangeAggregation, Stage, Variants};

/// The longest expression on one line.
const LINE_BYTES_MAX: usize = 100;

impl Expr {
    /// The query as the original's formatter shows it.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Log(log) => write_log(&mut out, log, 0),
            Self::Metric(metric) => write_metric(&mut out, metric, 0),
        };
        out
    }
}

/// Counts what is written, and refuses more than fits.
struct Line {
    left: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.left = self.left.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}

fn fits(expr: &dyn Display) -> bool {
    write!(Line { left: LINE_BYTES_MAX }, "{expr}").is_ok()
}

fn indent(out: &mut String, level: usize) {
    for _ in 0..level {
        out.push_str("  ");
    }
}

fn write_log(out: &mut String, log: &LogExpr, level: usize) -> fmt::Result {
    indent(out, level);
    if fits(log) || log.stages.is_empty() {
        return write!(out, "{log}");
    }
    write!(out, "{}", Selector(log))?;
    for stage in &log.stages {
        match stage {
            Stage::LineFilters(filters) => {
                for filter in filters {
                    out.push('\n');
                    indent(out, level + 1);
                    write!(out, "{filter}")?;
                }
            }
            // The original forgets to indent this one.
            Stage::Decolorize => write!(out, "\n{stage}")?,
            _ => {
                out.push('\n');
                indent(out, level + 1);
                write!(out, "{stage}")?;
            }
        }
    }
    Ok(())
}

fn write_metric(out: &mut String, expr: &MetricExpr, level: usize) -> fmt::Result {
    if fits(expr) || matches!(expr, MetricExpr::Literal(_) | MetricExpr::Vector(_)) {
        indent(out, level);
        return write!(out, "{expr}");
    }
    match expr {
        MetricExpr::Range(range) => write_range(out, range, level),
        MetricExpr::Aggregation(aggregation) => {
            indent(out, level);
            out.push_str(aggregation.operation.as_str());
            if let Some(grouping) = &aggregation.grouping {
                write!(out, "{grouping}")?;
            }
            out.push_str("(\n");
            if let Some(count) = aggregation.count {
                indent(out, level + 1);
                writeln!(out, "{count},")?;
            }
            write_metric(out, &aggregation.expr, level + 1)?;
            close(out, level);
            Ok(())
        }
        MetricExpr::Binary(binary) => {
            write_operand(out, &binary.left, level + 1)?;
            out.push('\n');
            indent(out, level);
            writeln!(out, "{}", OperatorText(binary))?;
            write_operand(out, &binary.right, level + 1)
        }
        MetricExpr::LabelReplace(replace) => {
            indent(out, level);
            out.push_str("label_replace(\n");
            write_metric(out, &replace.expr, level + 1)?;
            for text in [&replace.destination, &replace.replacement, &replace.source, &replace.regex] {
                out.push_str(",\n");
                indent(out, level + 1);
                out.push_str(&quote(text));
            }
            close(out, level);
            Ok(())
        }
        MetricExpr::Variants(variants) => write_variants(out, variants, level),
        MetricExpr::Literal(_) | MetricExpr::Vector(_) => Ok(()),
    }
}

fn write_variants(out: &mut String, variants: &Variants, level: usize) -> fmt::Result {
    indent(out, level);
    out.push_str("variants(");
    for (position, metric) in variants.metrics.iter().enumerate() {
        out.push_str(if position > 0 { ",\n" } else { "\n" });
        write_metric(out, metric, level + 1)?;
    }
    close(out, level);
    out.push_str(" of (\n");
    write_log_range(out, &LogRange::of_variants(variants), level)?;
    close(out, level);
    Ok(())
}

/// An operand; operators on lines of their own keep their parentheses, as they would bind otherwise.
fn write_operand(out: &mut String, expr: &MetricExpr, level: usize) -> fmt::Result {
    if !matches!(expr, MetricExpr::Binary(_)) || fits(expr) {
        return write_metric(out, expr, level);
    }
    indent(out, level);
    out.push_str("(\n");
    write_metric(out, expr, level + 1)?;
    close(out, level);
    Ok(())
}

fn write_range(out: &mut String, range: &RangeAggregation, level: usize) -> fmt::Result {
    indent(out, level);
    writeln!(out, "{}(", range.operation.as_str())?;
    if let Some(parameter) = range.parameter {
        indent(out, level + 1);
        writeln!(out, "{},", Plain(parameter))?;
    }
    write_log_range(out, &LogRange::of(range), level)?;
    close(out, level);
    if let Some(grouping) = &range.grouping {
        write!(out, "{grouping}")?;
    }
    Ok(())
}

/// Lines inside of parentheses that stand at a level.
fn write_log_range(out: &mut String, range: &LogRange<'_>, level: usize) -> fmt::Result {
    write_log(out, range.log, level + 1)?;
    if let Some(unwrap) = range.unwrap {
        out.push('\n');
        indent(out, level + 2);
        match unwrap.conversion {
            Some(conversion) => write!(out, "| unwrap {}({})", conversion.as_str(), unwrap.label)?,
            None => write!(out, "| unwrap {}", unwrap.label)?,
        }
        for filter in &unwrap.filters {
            out.push('\n');
            indent(out, level + 2);
            write!(out, "| {filter}")?;
        }
    }
    write!(out, " [{}]{}", format_duration(range.range), Offset(range.offset_nanos))
}

/// The parenthesis on a line of its own.
fn close(out: &mut String, level: usize) {
    out.push('\n');
    indent(out, level);
    out.push(')');
}
