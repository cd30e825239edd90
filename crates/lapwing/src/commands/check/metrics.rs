//! `check metrics`: metrics in the text format are looked at for what users will stumble over.

mod families;
mod lint;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use self::families::Family;
use crate::cli::tool::{Tool, ToolCall, switch, value};
use crate::{answer, complain};

/// The exit status of metrics that can be read and should be better.
const LINT_STATUS: u8 = 3;

pub(super) const TOOL: Tool = Tool {
    name: "check metrics",
    about: "Pass Prometheus metrics over stdin to lint them for consistency and correctness.",
    flags: &[
        switch("extended", "Print extended information related to the cardinality of the metrics."),
        value("lint", "all", "Linting checks to apply: all or none."),
        super::LOOKBACK,
    ],
    arguments: &[],
};

/// Reads metrics from standard input, and complains.
pub(super) fn run(program: &str, call: &ToolCall) -> ExitCode {
    let lint = call.get("lint");
    if !matches!(lint, "all" | "none") {
        let text = format!("enum value must be one of all,none, got '{lint}'");
        return super::usage_error(program, &text);
    }
    let input = match super::read_input() {
        Ok(input) => input,
        Err(error) => return complain(&format!("error while linting: {error}"), 1),
    };
    let families = match families::parse(&input) {
        Ok(families) => families,
        Err(error) => return complain(&format!("error while linting: {error}"), 1),
    };
    let problems = if lint == "all" { lint::problems(&families) } else { Vec::new() };
    for (name, text) in &problems {
        complain(&format!("{name} {text}"), 0);
    }
    if !problems.is_empty() {
        return ExitCode::from(LINT_STATUS);
    }
    if call.is_on("extended") {
        return answer(&table(&families), 0);
    }
    ExitCode::SUCCESS
}

/// How many series each metric makes, most first.
fn table(families: &[Family]) -> String {
    let mut counts: Vec<(&str, usize)> = families
        .iter()
        .filter(|family| !family.metrics.is_empty())
        .map(|family| (family.name.as_str(), family.cardinality()))
        .collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let share = |count: usize| format!("{:.2}%", count as f64 / total as f64 * 100.0);
    let mut rows = vec![["Metric".to_owned(), "Cardinality".to_owned(), "Percentage".to_owned()]];
    rows.extend(counts.iter().map(|(name, count)| [(*name).to_owned(), count.to_string(), share(*count)]));
    rows.push(["Total".to_owned(), total.to_string(), "100%".to_owned()]);
    let mut widths = [0; 3];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(widths) {
            text.push_str(&format!("{cell:<width$}    "));
        }
        text.push('\n');
    }
    text
}
